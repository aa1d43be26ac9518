import {
  type ChatRequestBody,
  type ServerAnswer,
  type ServerScript,
  text,
  toolCalls,
} from '../helpers/provider-server.js';

/** Log files for the crew that README shows. */
export const LOGS: Readonly<Record<string, string>> = {
  'logs/checkout.log': `2026-03-02T09:14:07Z INFO  deploy checkout 4.12.0
2026-03-02T09:15:31Z ERROR pool exhausted: 5 of 5 connections in use
2026-03-02T09:15:32Z ERROR POST /orders 503
2026-03-02T09:34:50Z INFO  rollback to 4.11.3
2026-03-02T09:35:12Z INFO  POST /orders 201
`,
  'logs/database.log': `2026-03-02T09:14:09Z INFO  checkout connected, pool size 5 (was 50)
`,
};

const TIMELINE = `- 09:14:07 checkout 4.12.0 is deployed (checkout.log)
- 09:14:09 its pool has 5 connections, before it had 50 (database.log)
- 09:15:31 the pool is exhausted, orders fail with 503 (checkout.log)
- 09:35:12 after a rollback orders succeed (checkout.log)

Most likely cause: release 4.12.0 set the pool size to 5.`;

const POSTMORTEM = `# Checkout could not take orders for 20 minutes

Release 4.12.0 lowered the connection pool from 50 to 5. From 09:15 to 09:35 UTC orders failed with 503, until the
release was rolled back. What to change: the pool size gets a lower bound that the deployment checks.`;

const DELEGATE = 'delegate_work_to_coworker';

/** What each role of the crews in README answers, by the number of answers it has given in its conversation. */
const SCRIPTS: Readonly<Record<string, (body: ChatRequestBody) => readonly ServerAnswer[]>> = {
  'Crew Manager': (body) =>
    isAbout(body, 'Put together a timeline')
      ? [
          answerCalls(body, [
            [DELEGATE, 'Log analyst', 'Read all files in logs and put the events of the outage in order.'],
          ]),
          answer(body, TIMELINE),
        ]
      : [
          answerCalls(body, [
            [DELEGATE, 'Technical writer', 'Write the postmortem from this timeline.'],
            ['ask_question_to_coworker', 'Log analyst', 'Did any order get lost?'],
          ]),
          answer(body, POSTMORTEM),
        ],
  'Log analyst': (body) => [
    isAbout(body, 'Question:')
      ? answer(body, 'No: each order that failed was answered with 503.')
      : toolCalls([{ id: 'call_list', name: 'list_directory', arguments: { path: 'logs' } }], spend(body, 20)),
    toolCalls(
      [
        { id: 'call_checkout', name: 'read_file', arguments: { path: 'logs/checkout.log' } },
        { id: 'call_database', name: 'read_file', arguments: { path: 'logs/database.log' } },
      ],
      spend(body, 40),
    ),
    answer(body, TIMELINE),
  ],
  'Technical writer': (body) => [answer(body, POSTMORTEM)],
  Clerk: (body) => [
    answer(body, isAbout(body, 'export') ? 'Exports: an engineer looks at it.' : 'Login: reset the password.'),
  ],
  'Letter writer': (body) => [answer(body, 'Dear team, thank you for all your work.'), answer(body, 'Thank you!')],
  // `crew chat` has no role.
  '': (body) => [
    toolCalls(
      [{ id: 'call_run', name: 'start_run', arguments: { inputs: { ticket: 'The export is empty.' } } }],
      spend(body, 30),
    ),
    answer(body, 'It is about exports; an engineer looks at it.'),
  ],
  Translator: (body) => [answer(body, 'Guten Tag.')],
};

/** Answers every request that the crews of README make; others get 500. */
export const readmeModels: ServerScript = (body) => {
  const [, role = ''] = /^Role: (.*)$/m.exec(contentOf(body, 'system')) ?? [];
  const given = body.messages.filter(({ role: sender }) => sender === 'assistant').length;
  const found = SCRIPTS[role]?.(body)[given];
  if (!found) throw new Error(`README has no answer ${given + 1} of "${role}"`);
  return found;
};

function answer(body: ChatRequestBody, content: string): ServerAnswer {
  return text(content, spend(body, content.length / 4));
}

function answerCalls(
  body: ChatRequestBody,
  calls: readonly (readonly [name: string, coworker: string, request: string])[],
): ServerAnswer {
  return toolCalls(
    calls.map(([name, coworker, request], index) => ({
      id: `call_${index + 1}`,
      name,
      arguments: { [name === DELEGATE ? 'task' : 'question']: request, context: TIMELINE, coworker },
    })),
    spend(body, 60 * calls.length),
  );
}

/** About as many tokens as a provider would count: four characters each. */
function spend(body: ChatRequestBody, output: number) {
  return { usage: { input: Math.round(JSON.stringify(body.messages).length / 4), output: Math.round(output) } };
}

function isAbout(body: ChatRequestBody, words: string): boolean {
  return contentOf(body, 'user').includes(words);
}

function contentOf(body: ChatRequestBody, role: string): string {
  return String(body.messages.find((message) => message.role === role)?.content);
}
