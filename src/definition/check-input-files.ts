import { kindByName } from '../util/media-type.js';
import type { CrewShape } from './crew-shape.js';
import { findReaderTrouble } from './readable-files.js';
import type { Report } from './report.js';
import type { CrewDefinition } from './types.js';

/** Reports images and PDF files, as their names tell them, that nobody who does their task can be given. */
export function checkInputFiles(
  crew: Pick<CrewDefinition, 'agents' | 'manager' | 'tasks'>,
  shape: CrewShape,
  report: Report,
): void {
  // A hierarchical crew without a manager is reported for that.
  if (shape.crew.process === 'hierarchical' && !crew.manager) return;
  for (const [index, task] of crew.tasks.entries()) {
    const { path, fields } = shape.tasks[index] ?? {};
    // Where the agent is in doubt, that is the problem.
    if (!path || (fields?.agent !== undefined && !crew.agents.some(({ key }) => key === task.agent))) continue;
    for (const [at, file] of task.inputFiles.entries()) {
      const kind = kindByName(file);
      const trouble = kind && findReaderTrouble(crew, task, kind);
      if (trouble) report.error([...path, 'input_files', at], trouble.message, { hint: trouble.hint });
    }
  }
}
