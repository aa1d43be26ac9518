// Makes a database with a long history out of one with a single run.
import Sqlite from 'better-sqlite3';

/** Copies the only run of the database until there are so many, each a second older than the one before. */
export function multiplyRun(file, runs) {
  const database = new Sqlite(file);
  // It is thrown away: nothing has to survive a power cut.
  database.pragma('synchronous = OFF');
  database.pragma('cache_size = -262144');
  const { id } = database.prepare('SELECT id FROM runs').get();
  const copies = ['runs', 'task_outputs', 'steps'].map((table) => prepareCopy(database, table, id));
  database.transaction(() => {
    for (let number = 1; number < runs; number += 1) for (const copy of copies) copy(number);
  })();
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

function prepareCopy(database, table, id) {
  const own = table === 'runs' ? 'id' : 'run_id';
  const columns = database
    .pragma(`table_info(${table})`)
    .map(({ name }) => name)
    .filter((name) => name === own || name !== 'id');
  const values = columns.map((name) => {
    if (name === own) return "'r' || printf('%07d', @number)";
    return name.endsWith('_at') ? `${name} - 1000 * @number` : name;
  });
  const insert = database.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM ${table} WHERE ${own} = @id`,
  );
  return (number) => insert.run({ id, number });
}

/** How many steps there are, and bytes of the file for each. */
export function sizeOf(file) {
  const database = new Sqlite(file, { readonly: true });
  const steps = database.prepare('SELECT count(*) FROM steps').pluck().get();
  const bytes = database.pragma('page_count', { simple: true }) * database.pragma('page_size', { simple: true });
  database.close();
  return { steps, bytes, bytesPerStep: bytes / steps };
}
