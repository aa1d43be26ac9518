import { expect, it } from 'vitest';
import { NO_PAINT } from '../../src/reporters/paint.js';
import { renderReplayPlan, toReplayPlanJson } from '../../src/reporters/replay-plan.js';
import type { ReplayPreview } from '../../src/replay/external-effects.js';

const source = { runId: 'k3f9x2ab', taskKey: 'research' };
const plan: ReplayPreview = {
  parentRunId: 'k3f9x2ab',
  tasks: [
    { key: 'find', position: 1, action: 'reuse', source, renamedFrom: 'research', reasons: [] },
    { key: '市場', position: 2, action: 'reuse', source, reasons: ['goal changed', 'input topic changed'] },
    { key: 'facts', position: 3, action: 'reuse', source, reasons: ['description changed'] },
    { key: 'notes', position: 4, action: 'reuse', reasons: ['never finished: failed (no\u001b[31m key)'] },
    { key: 'draft', position: 5, action: 'set', reasons: [] },
    { key: 'write', position: 6, action: 'run', reasons: ['chosen'] },
    { key: 'tweet', position: 7, action: 'run', reasons: ['new'] },
    { key: 'post', position: 8, action: 'run', reasons: ['never begun', 'upstream write runs again'] },
    { key: 'mail', position: 9, action: 'run', reasons: ['follows write'] },
    { key: 'print', position: 10, action: 'run', reasons: ['follows write'] },
  ],
  refusals: [
    { key: 'facts', reasons: ['description changed'], kind: 'edited' },
    { key: 'notes', reasons: ['never finished: failed (no key)'], kind: 'unfinished' },
  ],
  effects: [
    { taskKey: 'mail', tool: 'send', arguments: { to: 'ann\u001B[31m' }, count: 1 },
    { taskKey: 'print', tool: 'print', arguments: {}, count: 3 },
  ],
};

it('shows a plan, a line for each task', () => {
  expect(renderReplayPlan(plan, NO_PAINT)).toMatchInlineSnapshot(`
    "Replay of k3f9x2ab
     1  find   reused       from k3f9x2ab/research
     2  市場   reused       from k3f9x2ab/research, stale because goal changed; input topic changed
     3  facts  refused      stale because description changed
     4  notes  refused      never finished: failed (no[31m key)
     5  draft  set by hand
     6  write  run again    chosen
     7  tweet  run          new
     8  post   run          never begun; upstream write runs again
     9  mail   run again    follows write
    10  print  run again    follows write
    External effects that it causes again:
      send {"to":"ann\\u001b[31m"} (mail)
      print {} (print, 3 times)
    "
  `);
});

it('paints what stands in the way', () => {
  const painted = renderReplayPlan(plan, (tone, text) => `<${tone}>${text}`);
  expect(painted.match(/<(?:good|warn|bad|plain)>[a-z]+(?: [a-z]+)?/g)).toMatchInlineSnapshot(`
    [
      "<good>reused",
      "<warn>reused",
      "<bad>refused",
      "<bad>refused",
      "<good>set by",
      "<plain>run again",
      "<plain>run",
      "<plain>run",
      "<plain>run again",
      "<plain>run again",
    ]
  `);
});

it('gives a plan to programs', () => {
  const json = toReplayPlanJson({ ...plan, tasks: plan.tasks.slice(0, 3) });
  expect(json).toMatchInlineSnapshot(`
    {
      "effects": [
        {
          "arguments": {
            "to": "ann\u001b[31m",
          },
          "count": 1,
          "task": "mail",
          "tool": "send",
        },
        {
          "arguments": {},
          "count": 3,
          "task": "print",
          "tool": "print",
        },
      ],
      "parent_run_id": "k3f9x2ab",
      "tasks": [
        {
          "action": "reuse",
          "name": "find",
          "number": 1,
          "reasons": [],
          "refused": false,
          "renamed_from": "research",
          "source_task_id": "k3f9x2ab/research",
        },
        {
          "action": "reuse",
          "name": "市場",
          "number": 2,
          "reasons": [
            "goal changed",
            "input topic changed",
          ],
          "refused": false,
          "renamed_from": null,
          "source_task_id": "k3f9x2ab/research",
        },
        {
          "action": "reuse",
          "name": "facts",
          "number": 3,
          "reasons": [
            "description changed",
          ],
          "refused": true,
          "renamed_from": null,
          "source_task_id": "k3f9x2ab/research",
        },
      ],
    }
  `);
});
