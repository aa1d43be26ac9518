import type { Database } from 'better-sqlite3';
import type { FoundOutput, SnippetPart, TaskRecord, TaskSearch } from './records.js';
import type { Row } from './rows.js';
import { toSearchQuery } from './search-query.js';

/** Words around what was found. */
const SNIPPET_WORDS = 20;
/** Around each match; control characters that no text needs. */
const MATCH_START = '\u0002';
const MATCH_END = '\u0003';

const SNIPPET = `snippet(task_search, 0, '${MATCH_START}', '${MATCH_END}', '…', ${SNIPPET_WORDS}) AS snippet`;
const IS_NAMED = '(@task IS NULL OR task_outputs.task_key = @task OR task_outputs.position = @position)';

/** From the newest output on, so that no more is looked at than is shown: outputs of a new run have higher ids. */
const SEARCH_ALL = `
SELECT task_outputs.id, task_outputs.run_id, ${SNIPPET}
FROM task_search CROSS JOIN task_outputs ON task_outputs.id = task_search.rowid
WHERE task_search MATCH @query AND ${IS_NAMED}
ORDER BY task_search.rowid DESC LIMIT @limit`;

/** From the tasks of the run, whose outputs may stand elsewhere. */
const SEARCH_RUN = `
SELECT task_outputs.id, task_outputs.run_id, ${SNIPPET}
FROM task_outputs
LEFT JOIN task_outputs AS source
  ON source.run_id = task_outputs.source_run_id AND source.task_key = task_outputs.source_task_key
CROSS JOIN task_search ON task_search.rowid = iif(task_outputs.raw IS NULL, source.id, task_outputs.id)
WHERE task_outputs.run_id = @run_id AND task_search MATCH @query AND ${IS_NAMED}
LIMIT @limit`;

/** Searches over one connection, as `RunStore.searchTasks` says. */
export function createTaskSearch(
  database: Database,
  getTask: (id: number) => TaskRecord,
): (search: TaskSearch) => FoundOutput[] {
  const searchAll = database.prepare<[Row], Row>(SEARCH_ALL);
  const searchRun = database.prepare<[Row], Row>(SEARCH_RUN);

  return ({ words, runId, task, limit = -1 }) => {
    const asked: Row = {
      query: toSearchQuery(words),
      task: task ?? null,
      position: task !== undefined && /^\d+$/.test(task) ? Number(task) : null,
      limit,
    };
    const rows = runId === undefined ? searchAll.all(asked) : searchRun.all({ ...asked, run_id: runId });
    const found = rows.map((row) => ({
      task: getTask(row.id as number),
      snippet: toSnippetParts(row.snippet as string),
    }));
    const runIds = [...new Set(found.map((each) => each.task.runId))];
    const age = new Map(runIds.map((id, index) => [id, index]));
    return found.toSorted(
      (a, b) => (age.get(a.task.runId) ?? 0) - (age.get(b.task.runId) ?? 0) || a.task.position - b.task.position,
    );
  };
}

function toSnippetParts(snippet: string): SnippetPart[] {
  return snippet
    .split(MATCH_START)
    .flatMap((text, index): SnippetPart[] => {
      if (index === 0) return [{ text, isMatch: false }];
      const [match = '', rest = ''] = text.split(MATCH_END);
      return [
        { text: match, isMatch: true },
        { text: rest, isMatch: false },
      ];
    })
    .filter(({ text }) => text !== '');
}
