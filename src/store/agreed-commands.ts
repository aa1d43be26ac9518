import type { Database } from 'better-sqlite3';
import type { AgreedCommands } from './kept-records.js';

/** The agreements that the database remembers. */
export function createAgreedCommands(database: Database): AgreedCommands {
  return {
    has: (digest) => database.prepare('SELECT 1 FROM agreed_commands WHERE digest = ?').get(digest) !== undefined,
    add(digest, at) {
      database.prepare('INSERT OR IGNORE INTO agreed_commands (digest, agreed_at) VALUES (?, ?)').run(digest, at);
    },
  };
}
