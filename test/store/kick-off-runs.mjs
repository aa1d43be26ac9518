// Started by concurrency.test.ts as a process of its own: kicks a crew off again and again, eight at a time.
// Usage: kick-off-runs.mjs <database> <runs>; needs the built library.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCrew } from '../../dist/index.js';

const [db, count] = process.argv.slice(2);
const file = join(mkdtempSync(join(process.cwd(), 'crew-')), 'crew.yaml');
writeFileSync(
  file,
  `agents:
  worker: { role: Worker, goal: Do the work., backstory: You work., llm: openai/gpt-4.1-mini }
tasks:
  first: { description: Begin., expected_output: The result. }
  beside: { description: Work beside it., expected_output: The result., context: [], async_execution: true }
  last: { description: End., expected_output: The result. }
`,
);
const crew = await loadCrew(file);
const items = Array.from({ length: Number(count) }, () => ({}));
for (const outcome of await crew.kickoffForEach(items, { db, runsAtOnce: 8 }))
  if (outcome.status === 'rejected') console.error(outcome.reason);
