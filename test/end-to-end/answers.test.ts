import { describe, expect, it } from 'vitest';
import { failure, text, toolCalls } from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const SMALL = `name: essays
agents:
  writer: { role: Writer, goal: Write, backstory: You write. }
tasks:
  essay: { description: Write., expected_output: A text. }
`;

/** The small crew with this as its writer's `llm`. */
function writtenBy(model: string): string {
  return SMALL.replace('You write. }', `You write., llm: ${model} }`);
}

const PRICED = `name: prices
agents:
  clerk: { role: Clerk, goal: Read prices, backstory: You read. }
tasks:
  price:
    description: Read the price.
    expected_output: The price.
    guardrail_max_retries: 1
    output_json:
      type: object
      properties: { name: { type: string }, price: { type: number, minimum: 0 } }
      required: [name, price]
`;

const WITH_TOOL = `name: sums
agents:
  clerk: { role: Clerk, goal: Add, backstory: You add., tools: [./add.ts] }
tasks:
  sum: { description: Add 1 and 2., expected_output: The sum. }
`;
const ADD = `import { appendFileSync } from 'node:fs';

export default {
  name: 'add',
  description: 'Adds two numbers.',
  parameters: {
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: 'number' } },
    required: ['a', 'b'],
    additionalProperties: false,
  },
  async execute({ a, b }: { a: number; b: number }) {
    appendFileSync('calls.txt', 'called\\n');
    if (a < 0) throw new Error('no negative numbers');
    return a + b;
  },
};
`;

const MANAGED = `name: managed
process: hierarchical
manager_llm: openai/gpt-4.1-mini
agents:
  researcher: { role: Senior Researcher, goal: Find facts, backstory: You search. }
  writer: { role: Writer, goal: Write, backstory: You write. }
tasks:
  essay: { description: Write about the sun., expected_output: A text. }
`;

function delegate(coworker: unknown, fields: object = { task: 'Find facts.', context: '' }) {
  return toolCalls([{ id: 'call_a', name: 'delegate_work_to_coworker', arguments: { ...fields, coworker } }]);
}

/** The results that tools gave in the last request, in order. */
function toldIn({ server }: Scene): unknown[] {
  const messages = server.requests.at(-1)?.body.messages ?? [];
  return messages.filter(({ role }) => role === 'tool').map(({ content }) => content);
}

/** What the database says of the run and its tasks. */
function storedIn(scene: Scene) {
  return [
    ...scene.query('SELECT status, exit_code FROM runs'),
    ...scene.query('SELECT task_key, status, raw FROM task_outputs ORDER BY position'),
  ];
}

describe('an empty answer', () => {
  it('is asked for again', async () => {
    const scene = await createScene({ 'crew.yaml': SMALL }, [text(''), text('<think>Hm.</think>'), text('The essay.')]);
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      The essay.
      --- stderr
      essays run <run> · sequential · 1 task
      essay 1/1 · Writer
      ✓ essay completed · <time> · 45 tokens · <$0.0001
      done · run <run> · <time> · 45 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    scene.server.assertDone();
  });

  it('fails the task in the end', async () => {
    const scene = await createScene({ 'crew.yaml': SMALL }, [text(''), text(''), text('')]);
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
      "exit 1
      --- stderr
      essays run <run> · sequential · 1 task
      essay 1/1 · Writer
      ✗ essay failed · <time> · 45 tokens · <$0.0001
      error: task essay: Writer (openai/gpt-4.1-mini) answered with nothing, 3 times
      hint: Try another model, or see the calls with crew show --steps.
      failed · run <run> · <time> · 45 tokens · <$0.0001
      see it: crew show <run> --steps
      go on: crew resume <run>
      "
    `);
    expect(storedIn(scene)).toMatchInlineSnapshot(`
      [
        {
          "exit_code": 1,
          "status": "failed",
        },
        {
          "raw": null,
          "status": "failed",
          "task_key": "essay",
        },
      ]
    `);
    scene.server.assertDone();
  });
});

describe('an answer that is not what the schema asks for', () => {
  it('is sent back with the words of the validator, and may be mended', async () => {
    const scene = await createScene({ 'crew.yaml': PRICED }, [
      text('{"name": "bolt", "price": -1}'),
      text('Here it is:\n```json\n{"name": "bolt", "price": 2.5}\n```'),
    ]);
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      {
        "name": "bolt",
        "price": 2.5
      }
      --- stderr
      prices run <run> · sequential · 1 task
      price 1/1 · Clerk
      ✓ price completed · <time> · 30 tokens · <$0.0001
      done · run <run> · <time> · 30 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(scene.server.requests[1]?.body.messages.at(-1)?.content).toMatchInlineSnapshot(`
      "This answer does not fit: price: must be at least 0, got -1
      Answer in JSON: {name: string, price: number (at least 0)}"
    `);
  });

  it('ends with 3 where it is never met', async () => {
    const scene = await createScene({ 'crew.yaml': PRICED }, [text('About two.'), text('{"name": "bolt"}')]);
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
      "exit 3
      --- stderr
      prices run <run> · sequential · 1 task
      price 1/1 · Clerk
      ✗ price failed · <time> · 30 tokens · <$0.0001
      error: task price: the answer of Clerk did not fit the output schema in 2 attempts: price: is missing
      hint: Loosen the schema, describe its fields, or raise guardrail_max_retries.
      failed · run <run> · <time> · 30 tokens · <$0.0001
      see it: crew show <run> --steps
      go on: crew resume <run>
      "
    `);
    expect(storedIn(scene)).toMatchInlineSnapshot(`
      [
        {
          "exit_code": 3,
          "status": "failed",
        },
        {
          "raw": null,
          "status": "failed",
          "task_key": "price",
        },
      ]
    `);
    scene.server.assertDone();
  });
});

describe('an answer that is cut by length', () => {
  it('is continued and put together', async () => {
    const scene = await createScene({ 'crew.yaml': SMALL }, [text('The es', { finishReason: 'length' }), text('say.')]);
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      The essay.
      --- stderr
      essays run <run> · sequential · 1 task
      essay 1/1 · Writer
      ✓ essay completed · <time> · 30 tokens · <$0.0001
      done · run <run> · <time> · 30 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
  });

  it('is never passed on as if it were whole', async () => {
    const cut = text('and on ', { finishReason: 'length' });
    const scene = await createScene({ 'crew.yaml': SMALL }, [cut, cut, cut, cut]);
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
      "exit 1
      --- stderr
      essays run <run> · sequential · 1 task
      essay 1/1 · Writer
      ✗ essay failed · <time> · 60 tokens · <$0.0001
      error: task essay: the answer of Writer was cut off by the length limit of openai/gpt-4.1-mini again and again
      hint: Raise max_tokens of the model, or ask for a shorter output.
      failed · run <run> · <time> · 60 tokens · <$0.0001
      see it: crew show <run> --steps
      go on: crew resume <run>
      "
    `);
    expect(storedIn(scene)).toMatchInlineSnapshot(`
      [
        {
          "exit_code": 1,
          "status": "failed",
        },
        {
          "raw": null,
          "status": "failed",
          "task_key": "essay",
        },
      ]
    `);
    scene.server.assertDone();
  });
});

it('tells the model that a tool threw, and runs the tool once', async () => {
  const scene = await createScene({ 'crew.yaml': WITH_TOOL, 'add.ts': ADD }, [
    toolCalls([{ id: 'call_a', name: 'add', arguments: { a: -1, b: 2 } }]),
    text('It cannot be added.'),
  ]);
  expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
    "exit 0
    --- stdout
    It cannot be added.
    --- stderr
    sums run <run> · sequential · 1 task
    sum 1/1 · Clerk
      Clerk uses add {"a":-1,"b":2}
      add: It failed: no negative numbers
    ✓ sum completed · <time> · 30 tokens · <$0.0001
    done · run <run> · <time> · 30 tokens · <$0.0001
    see it: crew show <run>
    "
  `);
  expect(toldIn(scene)).toEqual(['It failed: no negative numbers']);
  expect(scene.query('SELECT path, status, is_error FROM steps')).toMatchInlineSnapshot(`
    [
      {
        "is_error": 0,
        "path": "sum/llm/1",
        "status": "completed",
      },
      {
        "is_error": 1,
        "path": "sum/tool/call_a",
        "status": "completed",
      },
      {
        "is_error": 0,
        "path": "sum/llm/2",
        "status": "completed",
      },
    ]
  `);
});

describe('a call that cannot be carried out', () => {
  it('of an unknown tool is answered with the names of the tools', async () => {
    const scene = await createScene({ 'crew.yaml': WITH_TOOL, 'add.ts': ADD }, [
      toolCalls([{ id: 'call_a', name: 'multiply', arguments: { a: 1, b: 2 } }]),
      text('3'),
    ]);
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      3
      --- stderr
      sums run <run> · sequential · 1 task
      sum 1/1 · Clerk
        Clerk uses multiply {"a":1,"b":2}
        multiply refused: There is no tool multiply. Available: add.
      ✓ sum completed · <time> · 30 tokens · <$0.0001
      done · run <run> · <time> · 30 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(toldIn(scene)).toEqual(['There is no tool multiply. Available: add.']);
  });

  it('with bad arguments is answered with what is wrong, and the tool is not run', async () => {
    const scene = await createScene({ 'crew.yaml': WITH_TOOL, 'add.ts': ADD }, [
      toolCalls([
        { id: 'call_a', name: 'add', arguments: { a: 1 } },
        { id: 'call_b', name: 'add', arguments: '{"a": 1, ' },
        { id: 'call_c', name: 'add', arguments: { a: '1', b: 2 } },
      ]),
      text('3'),
    ]);
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      3
      --- stderr
      sums run <run> · sequential · 1 task
      sum 1/1 · Clerk
        Clerk uses add {"a":1}
        Clerk uses add "{\\"a\\": 1, "
        Clerk uses add {"a":"1","b":2}
        add refused: The arguments do not fit: they are not JSON. Correct them and call again.
        add refused: The arguments do not fit: b: is missing. Correct them and call again.
      ✓ sum completed · <time> · 30 tokens · <$0.0001
      done · run <run> · <time> · 30 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(toldIn(scene)).toMatchInlineSnapshot(`
      [
        "The arguments do not fit: b: is missing. Correct them and call again.",
        "The arguments do not fit: they are not JSON. Correct them and call again.",
        "3",
      ]
    `);
  });

  it('of an unknown coworker is answered with the names of the coworkers', async () => {
    const scene = await createScene({ 'crew.yaml': MANAGED }, [delegate('Astronomer'), text('The essay.')]);
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      The essay.
      --- stderr
      managed run <run> · hierarchical · 1 task
      essay 1/1 · Crew Manager
        Crew Manager → Astronomer: Find facts.
        Crew Manager ← Astronomer <time> There is no coworker "Astronomer". Choose one of: "Senior Researcher", "Writer".
      ✓ essay completed · <time> · 30 tokens · <$0.0001
      done · run <run> · <time> · 30 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(toldIn(scene)).toEqual(['There is no coworker "Astronomer". Choose one of: "Senior Researcher", "Writer".']);
  });

  it('of a delegation without its task is answered with what is missing', async () => {
    const scene = await createScene({ 'crew.yaml': MANAGED }, [
      delegate('Writer', { context: 'x' }),
      text('The essay.'),
    ]);
    const { exitCode } = await scene.crew(['kickoff', 'crew.yaml']);
    expect(exitCode).toBe(0);
    expect(toldIn(scene)).toEqual(['The arguments do not fit: task is missing. Correct them and call again.']);
  });
});

it("finds a coworker by a near miss of the role's name", async () => {
  const scene = await createScene({ 'crew.yaml': MANAGED }, [
    delegate(['"senior  researcher."']),
    text('Facts.'),
    text('The essay.'),
  ]);
  expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
    "exit 0
    --- stdout
    The essay.
    --- stderr
    managed run <run> · hierarchical · 1 task
    essay 1/1 · Crew Manager
      Crew Manager → Senior Researcher: Find facts.
      Crew Manager ← Senior Researcher <time> · 15 tokens · <$0.0001
    ✓ essay completed · <time> · 45 tokens · <$0.0001
    done · run <run> · <time> · 45 tokens · <$0.0001
    see it: crew show <run>
    "
  `);
  expect(toldIn(scene)).toEqual(['Facts.']);
});

it('ends with 4 where the same call is made again and again', async () => {
  const scene = await createScene({ 'crew.yaml': WITH_TOOL, 'add.ts': ADD }, (_body, index) =>
    toolCalls([{ id: `call_${index}`, name: 'add', arguments: { a: 1, b: 2 } }]),
  );
  expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
    "exit 4
    --- stderr
    sums run <run> · sequential · 1 task
    sum 1/1 · Clerk
      Clerk uses add {"a":1,"b":2}
      Clerk uses add {"a":1,"b":2}
      Clerk uses add {"a":1,"b":2}
      Clerk uses add {"a":1,"b":2}
    ✗ sum failed · <time> · 75 tokens · <$0.0001
    error: task sum: Clerk made the same call 5 times in a row: add {"a":1,"b":2}
    hint: Say in the task what to do with the result, or use a stronger model.
    failed · run <run> · <time> · 75 tokens · <$0.0001
    see it: crew show <run> --steps
    go on: crew resume <run>
    "
  `);
  expect(toldIn(scene)).toMatchInlineSnapshot(`
    [
      "3",
      "3",
      "3

    You have now made this same call 3 times in a row. Use its result, or do something else.",
      "3

    You have now made this same call 4 times in a row. Use its result, or do something else.",
    ]
  `);
  expect(storedIn(scene)).toMatchInlineSnapshot(`
    [
      {
        "exit_code": 4,
        "status": "failed",
      },
      {
        "raw": null,
        "status": "failed",
        "task_key": "sum",
      },
    ]
  `);
});

describe('a provider that refuses', () => {
  it('the key ends with 6', async () => {
    const scene = await createScene({ 'crew.yaml': SMALL }, [
      failure(401, 'Incorrect API key provided: not-a-real-key.'),
    ]);
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
      "exit 6
      --- stderr
      essays run <run> · sequential · 1 task
      essay 1/1 · Writer
      ✗ essay failed · <time> · 0 tokens · $0
      error: task essay: openai/gpt-4.1-mini: access was refused (401 Unauthorized): Incorrect API key provided: [redacted:api-key].
      hint: Check OPENAI_API_KEY.
      failed · run <run> · <time> · 0 tokens · $0
      see it: crew show <run> --steps
      go on: crew resume <run>
      "
    `);
    expect(storedIn(scene)).toMatchInlineSnapshot(`
      [
        {
          "exit_code": 6,
          "status": "failed",
        },
        {
          "raw": null,
          "status": "failed",
          "task_key": "essay",
        },
      ]
    `);
  });

  it('for a moment is asked again, and said so', async () => {
    const scene = await createScene({ 'crew.yaml': SMALL }, [
      failure(429, 'Slow down.', { 'retry-after-ms': '1' }),
      text('The essay.'),
    ]);
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      The essay.
      --- stderr
      essays run <run> · sequential · 1 task
      essay 1/1 · Writer
      warning: openai/gpt-4.1-mini: 429 Too Many Requests; trying again in <time> (2 of 4)
      ✓ essay completed · <time> · 15 tokens · <$0.0001
      done · run <run> · <time> · 15 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
  });

  it('and has no server ends with 6', async () => {
    const scene = await createScene({ 'crew.yaml': writtenBy('{ model: gpt-4o, max_retries: 0 }') });
    await scene.server.close();
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
      "exit 6
      --- stderr
      essays run <run> · sequential · 1 task
      essay 1/1 · Writer
      ✗ essay failed · <time> · 0 tokens · $0
      error: task essay: openai/gpt-4o: the connection failed (<server>): connection refused
      hint: Check the network connection, and base_url if one is set.
      failed · run <run> · <time> · 0 tokens · $0
      see it: crew show <run> --steps
      go on: crew resume <run>
      "
    `);
  });

  it('gives way to the fallback, and said so', async () => {
    const scene = await createScene({ 'crew.yaml': writtenBy('[{ model: gpt-4o, max_retries: 0 }, gpt-4.1-mini]') }, [
      failure(503),
      text('The essay.'),
    ]);
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      The essay.
      --- stderr
      essays run <run> · sequential · 1 task
      essay 1/1 · Writer
      warning: openai/gpt-4o: 503 Service Unavailable; going on with openai/gpt-4.1-mini
      ✓ essay completed · <time> · 15 tokens · <$0.0001
      done · run <run> · <time> · 15 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
  });
});
