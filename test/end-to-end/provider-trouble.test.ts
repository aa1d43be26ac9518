import pLimit from 'p-limit';
import { describe, expect, it } from 'vitest';
import {
  cutOff,
  emptyChoices,
  failure,
  hang,
  raw,
  reset,
  resetHalfway,
  type ServerAnswer,
  type ServerScript,
  stall,
  text,
  toolCalls,
} from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const KICKOFF = ['kickoff', 'crew.yaml'];
const ESSAY = text('The essay.');
const JSON_TYPE = { headers: { 'content-type': 'application/json' } };
const AT_ONCE = { 'retry-after-ms': '1' };
const page = (title: string) => `<!doctype html><html><head><title>${title}</title></head><body>nginx</body></html>`;

type Answers = Readonly<Record<string, ServerAnswer>>;

/** What is wrong with the request or the key, or is not wanted: it stays so wherever it is sent. */
const WRONG: Answers = {
  'status 400': failure(400, "Unsupported value: 'temperature' must be 1."),
  'status 401': failure(401, { error: { message: 'Incorrect API key provided.', code: 'invalid_api_key' } }),
  'status 403': failure(403, 'Your region is not supported.'),
  'status 404': failure(404, 'The model `gpt-4o` does not exist.'),
  'a prompt that a filter stops': failure(400, {
    error: { message: 'The prompt was filtered.', code: 'content_filter' },
  }),
  'an answer that a filter stops': text('', { finishReason: 'content_filter' }),
  'a model that refuses': raw({
    choices: [
      { index: 0, message: { role: 'assistant', content: null, refusal: 'I cannot help.' }, finish_reason: 'stop' },
    ],
  }),
};

/** The same call would be refused for hours; another provider may take it. */
const QUOTA: Answers = {
  'no quota, with a time to come back': failure(
    429,
    { error: { message: 'You exceeded your current quota.', code: 'insufficient_quota' } },
    { 'retry-after': '1' },
  ),
  'no credits': failure(402, 'Payment required.'),
  'a rate limit for hours': failure(429, 'Daily limit.', { 'retry-after': '7200' }),
};
const REFUSALS = { ...WRONG, ...QUOTA };

/** What another try, or another provider, may not meet. */
const FAILURES: Answers = {
  'status 429': failure(429, 'Slow down.'),
  'status 429 with Retry-After': failure(429, 'Slow down.', { 'retry-after': '1' }),
  'status 500': failure(500, 'Internal error.', AT_ONCE),
  'status 502 with a page': raw(page('502 Bad Gateway'), { status: 502, headers: AT_ONCE }),
  'status 503': failure(503, 'The engine is overloaded.', AT_ONCE),
  'status 529': failure(529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, AT_ONCE),
};

const BROKEN: Answers = {
  'a reset before the answer': reset,
  'a reset in the middle': resetHalfway,
  'a close in the middle': cutOff(),
  'half an answer as if it were whole': raw(
    '{"choices":[{"index":0,"message":{"role":"assistant","content":"Th',
    JSON_TYPE,
  ),
  garbage: raw('\u0000\u0001garbage', JSON_TYPE),
  'a page instead of an answer': raw(page('Welcome')),
  'an empty body': raw('', JSON_TYPE),
  'JSON of another form': raw({ output: 'The essay.' }),
  'an answer without choices': emptyChoices,
  'a failure inside a 200': raw({ error: { code: 502, message: 'Upstream is down.' } }),
};

const SLOW: Answers = { 'no answer': hang, 'half an answer': stall };

const writtenBy = (llm: string) => `name: essays
agents:
  writer: { role: Writer, goal: Write, backstory: You write., llm: ${llm} }
tasks:
  essay: { description: Write., expected_output: A text. }
`;
const ONE_RETRY = '{ model: gpt-4o, max_retries: 1 }';

/** Runs a crew to its end; gives back what a person reads of the trouble, and what it came to. */
async function told(scene: Scene, name: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await scene.crew(KICKOFF, { env });
  const [run] = scene.query<{ exit_code: number }>('SELECT exit_code FROM runs');
  expect(run?.exit_code).toBe(exitCode);
  const { length: count } = scene.server.requests;
  const outcome = exitCode === 0 ? JSON.stringify(stdout) : `exit ${exitCode}`;
  const lines = scene
    .tidy(stderr)
    .replaceAll(/127\.0\.0\.1:\d+/g, '<host>')
    .split('\n')
    .filter((line) => /^(?:warning|error|hint): /.test(line));
  return [`${name}: ${outcome}, ${count} ${count === 1 ? 'request' : 'requests'}`, ...lines].join('\n  ');
}

async function tellAll(answers: Answers, tell: (name: string) => Promise<string>): Promise<string> {
  const limit = pLimit(4);
  const texts = await Promise.all(Object.keys(answers).map((name) => limit(tell, name)));
  return `\n${texts.join('\n')}\n`;
}

const tellAlways =
  (answers: Answers, llm = ONE_RETRY) =>
  async (name: string): Promise<string> =>
    told(await createScene({ 'crew.yaml': writtenBy(llm) }, () => answers[name] as ServerAnswer), name);

describe('what a person reads', () => {
  it('of a refusal, which is not tried again', async () => {
    expect(await tellAll(REFUSALS, tellAlways(REFUSALS))).toMatchInlineSnapshot(`
      "
      status 400: exit 6, 1 request
        error: task essay: openai/gpt-4o: the request was refused (400 Bad Request): Unsupported value: 'temperature' must be 1.
        hint: Check the settings of the model in the crew file.
      status 401: exit 6, 1 request
        error: task essay: openai/gpt-4o: access was refused (401 Unauthorized): Incorrect API key provided.
        hint: Check OPENAI_API_KEY.
      status 403: exit 6, 1 request
        error: task essay: openai/gpt-4o: access was refused (403 Forbidden): Your region is not supported.
        hint: Check OPENAI_API_KEY.
      status 404: exit 6, 1 request
        error: task essay: openai/gpt-4o: no such model or address (404 Not Found): The model \`gpt-4o\` does not exist.
        hint: Check the model's name, and base_url if one is set (most servers want it to end in /v1).
      a prompt that a filter stops: exit 6, 1 request
        error: task essay: openai/gpt-4o: the provider's content filter stopped the answer (400 Bad Request): The prompt was filtered.
        hint: Change the words of the task, or choose another model.
      an answer that a filter stops: exit 6, 1 request
        error: task essay: openai/gpt-4o: the provider's content filter stopped the answer
        hint: Change the words of the task, or choose another model.
      a model that refuses: exit 6, 1 request
        error: task essay: openai/gpt-4o: the provider's content filter stopped the answer: I cannot help.
        hint: Change the words of the task, or choose another model.
      no quota, with a time to come back: exit 6, 1 request
        error: task essay: openai/gpt-4o: the account is over its quota (429 Too Many Requests): You exceeded your current quota.
        hint: Check plan and billing of the openai account, or name a second model: llm: [openai/gpt-4o, …]
      no credits: exit 6, 1 request
        error: task essay: openai/gpt-4o: the account is over its quota (402 Payment Required): Payment required.
        hint: Check plan and billing of the openai account, or name a second model: llm: [openai/gpt-4o, …]
      a rate limit for hours: exit 6, 1 request
        error: task essay: openai/gpt-4o: the rate limit was reached (429 Too Many Requests, it asks to wait 2 h): Daily limit.
        hint: Wait and go on later, lower --concurrency, or name a second model: llm: [openai/gpt-4o, …]
      "
    `);
  });

  it('of a provider that fails, after another try', async () => {
    expect(await tellAll(FAILURES, tellAlways(FAILURES))).toMatchInlineSnapshot(`
      "
      status 429: exit 6, 2 requests
        warning: openai/gpt-4o: 429 Too Many Requests; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the rate limit was reached (429 Too Many Requests, 2 attempts): Slow down.
        hint: Wait and go on later, lower --concurrency, or name a second model: llm: [openai/gpt-4o, …]
      status 429 with Retry-After: exit 6, 2 requests
        warning: openai/gpt-4o: 429 Too Many Requests; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the rate limit was reached (429 Too Many Requests, 2 attempts, it asks to wait <time>): Slow down.
        hint: Wait and go on later, lower --concurrency, or name a second model: llm: [openai/gpt-4o, …]
      status 500: exit 6, 2 requests
        warning: openai/gpt-4o: 500 Internal Server Error; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the provider failed (500 Internal Server Error, 2 attempts, it asks to wait <time>): Internal error.
        hint: Go on later, or name a second model: llm: [openai/gpt-4o, …]
      status 502 with a page: exit 6, 2 requests
        warning: openai/gpt-4o: 502 Bad Gateway; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the provider failed (502 Bad Gateway, 2 attempts, it asks to wait <time>): 502 Bad Gateway
        hint: Go on later, or name a second model: llm: [openai/gpt-4o, …]
      status 503: exit 6, 2 requests
        warning: openai/gpt-4o: 503 Service Unavailable; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the provider failed (503 Service Unavailable, 2 attempts, it asks to wait <time>): The engine is overloaded.
        hint: Go on later, or name a second model: llm: [openai/gpt-4o, …]
      status 529: exit 6, 2 requests
        warning: openai/gpt-4o: 529; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the provider failed (529, 2 attempts, it asks to wait <time>): Overloaded
        hint: Go on later, or name a second model: llm: [openai/gpt-4o, …]
      "
    `);
  });

  it('of what is no answer, after another try', async () => {
    expect(await tellAll(BROKEN, tellAlways(BROKEN))).toMatchInlineSnapshot(`
      "
      a reset before the answer: exit 6, 2 requests
        warning: openai/gpt-4o: the connection failed; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the connection failed (<server>, 2 attempts): the server closed the connection
        hint: Check the network connection, and base_url if one is set.
      a reset in the middle: exit 6, 2 requests
        warning: openai/gpt-4o: the connection failed; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the connection failed (<server>, 2 attempts): the server closed the connection
        hint: Check the network connection, and base_url if one is set.
      a close in the middle: exit 6, 2 requests
        warning: openai/gpt-4o: the connection failed; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the connection failed (<server>, 2 attempts): the server closed the connection
        hint: Check the network connection, and base_url if one is set.
      half an answer as if it were whole: exit 6, 2 requests
        warning: openai/gpt-4o: the answer cannot be read; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the answer cannot be read (200 OK, 2 attempts): not in the form of an answer: {"choices":[{"index":0,"message":{"role":"assistant","content":"Th
        hint: Go on later; if base_url is set, check that an API of this provider is there (most servers want it to end in /v1).
      garbage: exit 6, 2 requests
        warning: openai/gpt-4o: the answer cannot be read; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the answer cannot be read (200 OK, 2 attempts): not in the form of an answer: garbage
        hint: Go on later; if base_url is set, check that an API of this provider is there (most servers want it to end in /v1).
      a page instead of an answer: exit 6, 2 requests
        warning: openai/gpt-4o: the answer cannot be read; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the answer cannot be read (200 OK, 2 attempts): an HTML page, "Welcome"
        hint: Go on later; if base_url is set, check that an API of this provider is there (most servers want it to end in /v1).
      an empty body: exit 6, 2 requests
        warning: openai/gpt-4o: the answer cannot be read; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the answer cannot be read (200 OK, 2 attempts): an empty body
        hint: Go on later; if base_url is set, check that an API of this provider is there (most servers want it to end in /v1).
      JSON of another form: exit 6, 2 requests
        warning: openai/gpt-4o: the answer cannot be read; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the answer cannot be read (200 OK, 2 attempts): not in the form of an answer: {"output":"The essay."}
        hint: Go on later; if base_url is set, check that an API of this provider is there (most servers want it to end in /v1).
      an answer without choices: exit 6, 2 requests
        warning: openai/gpt-4o: the answer cannot be read; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the answer cannot be read (2 attempts): Response did not contain any choices.
        hint: Go on later; if base_url is set, check that an API of this provider is there (most servers want it to end in /v1).
      a failure inside a 200: exit 6, 2 requests
        warning: openai/gpt-4o: 502 Bad Gateway; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the provider failed (502 Bad Gateway, 2 attempts): Upstream is down.
        hint: Go on later, or name a second model: llm: [openai/gpt-4o, …]
      "
    `);
  });

  it('of a server that takes longer than it may', async () => {
    const llm = '{ model: gpt-4o, max_retries: 1, timeout: 300ms }';
    expect(await tellAll(SLOW, tellAlways(SLOW, llm))).toMatchInlineSnapshot(`
      "
      no answer: exit 6, 2 requests
        warning: openai/gpt-4o: no answer in time; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: no answer in time (<time>, 2 attempts)
        hint: Raise the model's timeout, or name a second model: llm: [openai/gpt-4o, …]
      half an answer: exit 6, 2 requests
        warning: openai/gpt-4o: no answer in time; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: no answer in time (<time>, 2 attempts)
        hint: Raise the model's timeout, or name a second model: llm: [openai/gpt-4o, …]
      "
    `);
  });

  it('of a server that cannot be reached', async () => {
    const closed = await createScene({ 'crew.yaml': writtenBy(ONE_RETRY) });
    await closed.server.close();
    const open = await createScene({ 'crew.yaml': writtenBy(ONE_RETRY) });
    const secure = { OPENAI_BASE_URL: open.server.url.replace('http:', 'https:') };
    const texts = [await told(closed, 'nothing listens there'), await told(open, 'no TLS there', secure)];
    expect(`\n${texts.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      nothing listens there: exit 6, 0 requests
        warning: openai/gpt-4o: the connection failed; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the connection failed (<server>, 2 attempts): connection refused
        hint: Check the network connection, and base_url if one is set.
      no TLS there: exit 6, 0 requests
        warning: openai/gpt-4o: the connection failed; trying again in <time> (2 of 2)
        error: task essay: openai/gpt-4o: the connection failed (https://<host>, 2 attempts): TLS failed: ERR_SSL_WRONG_VERSION_NUMBER
        hint: Check that base_url says https only for a server that has it, and NODE_EXTRA_CA_CERTS for a certificate of your own.
      "
    `);
  });
});

it('passes only a whole answer on when a later try brings one', async () => {
  const tell = async (name: string): Promise<string> => {
    const scene = await createScene({ 'crew.yaml': writtenBy(ONE_RETRY) }, [BROKEN[name] as ServerAnswer, ESSAY]);
    const { exitCode, stdout } = await scene.crew([...KICKOFF, '--quiet']);
    expect(scene.query("SELECT status, json_extract(response, '$.content') AS content FROM steps")).toEqual([
      { status: 'completed', content: '[{"type":"text","text":"The essay."}]' },
    ]);
    return `${name}: exit ${exitCode}, ${scene.server.requests.length} requests, ${stdout.trimEnd()}`;
  };
  const expected = Object.keys(BROKEN).map((name) => `${name}: exit 0, 2 requests, The essay.`);
  expect(await tellAll(BROKEN, tell)).toBe(`\n${expected.join('\n')}\n`);
});

it('is tried again max_retry_limit times for each call anew, and no tool is called again', async () => {
  const down = failure(500, 'Internal error.', AT_ONCE);
  const list = toolCalls([{ id: 'call_list', name: 'list_directory', arguments: { path: '.' } }]);
  const scene = await createScene(
    {
      'crew.yaml': `agents:
  writer: { role: Writer, goal: g, backstory: b, llm: openai/gpt-4o, tools: [list_directory], max_retry_limit: 1 }
tasks:
  outline: { description: Outline., expected_output: Text. }
  essay: { description: Write., expected_output: Text. }
`,
    },
    [down, list, down, text('Outlined.'), down, down],
  );
  expect((await scene.crew(KICKOFF)).exitCode).toBe(6);
  expect(scene.query("SELECT path, status FROM steps WHERE kind = 'tool'")).toEqual([
    { path: 'outline/tool/call_list', status: 'completed' },
  ]);
  scene.server.assertDone();
});

it('waits as long as Retry-After says', async () => {
  let asked: number[] = [];
  const scene = await createScene({ 'crew.yaml': writtenBy(ONE_RETRY) }, (_body, index) => {
    asked = [...asked, performance.now()];
    return index === 0 ? failure(429, 'Slow down.', { 'retry-after': '1' }) : ESSAY;
  });
  expect((await scene.crew(KICKOFF)).exitCode).toBe(0);
  const [first = 0, second = 0] = asked;
  expect(second - first).toBeGreaterThanOrEqual(1000);
});

describe('a second model', () => {
  const llm = '[{ model: gpt-4o, max_retries: 0, timeout: 60s }, { model: gpt-4.1-mini, max_retries: 0 }]';
  const tellSecond = (answers: Answers) => async (name: string) => {
    const models = name in SLOW ? llm.replace('60s', '300ms') : llm;
    const script: ServerScript = ({ model }) => (model === 'gpt-4o' ? (answers[name] as ServerAnswer) : ESSAY);
    return told(await createScene({ 'crew.yaml': writtenBy(models) }, script), name);
  };

  it('joins in where another provider may do better', async () => {
    const { 'status 429': limited, 'status 500': failed, 'status 529': overloaded } = FAILURES;
    const { 'a reset in the middle': broken, garbage, 'an answer without choices': empty } = BROKEN;
    const answers = { ...QUOTA, limited, failed, overloaded, broken, garbage, empty, ...SLOW } as Answers;
    expect(await tellAll(answers, tellSecond(answers))).toMatchInlineSnapshot(`
      "
      no quota, with a time to come back: "The essay.\\n", 2 requests
        warning: openai/gpt-4o: 429 Too Many Requests; going on with openai/gpt-4.1-mini
      no credits: "The essay.\\n", 2 requests
        warning: openai/gpt-4o: 402 Payment Required; going on with openai/gpt-4.1-mini
      a rate limit for hours: "The essay.\\n", 2 requests
        warning: openai/gpt-4o: 429 Too Many Requests; going on with openai/gpt-4.1-mini
      limited: "The essay.\\n", 2 requests
        warning: openai/gpt-4o: 429 Too Many Requests; going on with openai/gpt-4.1-mini
      failed: "The essay.\\n", 2 requests
        warning: openai/gpt-4o: 500 Internal Server Error; going on with openai/gpt-4.1-mini
      overloaded: "The essay.\\n", 2 requests
        warning: openai/gpt-4o: 529; going on with openai/gpt-4.1-mini
      broken: "The essay.\\n", 2 requests
        warning: openai/gpt-4o: the connection failed; going on with openai/gpt-4.1-mini
      garbage: "The essay.\\n", 2 requests
        warning: openai/gpt-4o: the answer cannot be read; going on with openai/gpt-4.1-mini
      empty: "The essay.\\n", 2 requests
        warning: openai/gpt-4o: the answer cannot be read; going on with openai/gpt-4.1-mini
      no answer: "The essay.\\n", 2 requests
        warning: openai/gpt-4o: no answer in time; going on with openai/gpt-4.1-mini
      half an answer: "The essay.\\n", 2 requests
        warning: openai/gpt-4o: no answer in time; going on with openai/gpt-4.1-mini
      "
    `);
  });

  it('joins in where the first has no server', async () => {
    const first = '{ model: gpt-4o, max_retries: 0, base_url: "http://127.0.0.1:1/v1", api_key: "${OPENAI_API_KEY}" }';
    const scene = await createScene({ 'crew.yaml': writtenBy(`[${first}, gpt-4.1-mini]`) }, [ESSAY]);
    expect(await told(scene, 'nothing listens there')).toMatchInlineSnapshot(`
      "nothing listens there: "The essay.\\n", 1 request
        warning: openai/gpt-4o: the connection failed; going on with openai/gpt-4.1-mini"
    `);
  });

  it('does not join in where the request or the key is at fault', async () => {
    expect(await tellAll(WRONG, tellSecond(WRONG))).toMatchInlineSnapshot(`
      "
      status 400: exit 6, 1 request
        error: task essay: openai/gpt-4o: the request was refused (400 Bad Request): Unsupported value: 'temperature' must be 1.
        hint: Check the settings of the model in the crew file.
      status 401: exit 6, 1 request
        error: task essay: openai/gpt-4o: access was refused (401 Unauthorized): Incorrect API key provided.
        hint: Check OPENAI_API_KEY.
      status 403: exit 6, 1 request
        error: task essay: openai/gpt-4o: access was refused (403 Forbidden): Your region is not supported.
        hint: Check OPENAI_API_KEY.
      status 404: exit 6, 1 request
        error: task essay: openai/gpt-4o: no such model or address (404 Not Found): The model \`gpt-4o\` does not exist.
        hint: Check the model's name, and base_url if one is set (most servers want it to end in /v1).
      a prompt that a filter stops: exit 6, 1 request
        error: task essay: openai/gpt-4o: the provider's content filter stopped the answer (400 Bad Request): The prompt was filtered.
        hint: Change the words of the task, or choose another model.
      an answer that a filter stops: exit 6, 1 request
        error: task essay: openai/gpt-4o: the provider's content filter stopped the answer
        hint: Change the words of the task, or choose another model.
      a model that refuses: exit 6, 1 request
        error: task essay: openai/gpt-4o: the provider's content filter stopped the answer: I cannot help.
        hint: Change the words of the task, or choose another model.
      "
    `);
  });

  it('is named with the first where both fail', async () => {
    const scene = await createScene({ 'crew.yaml': writtenBy(llm) }, [
      failure(503, 'Overloaded.'),
      failure(401, 'No.'),
    ]);
    expect(await told(scene, '503, then 401')).toMatchInlineSnapshot(`
      "503, then 401: exit 6, 2 requests
        warning: openai/gpt-4o: 503 Service Unavailable; going on with openai/gpt-4.1-mini
        error: task essay: openai/gpt-4.1-mini: access was refused (401 Unauthorized): No.; tried before: openai/gpt-4o (503 Service Unavailable)
        hint: Check OPENAI_API_KEY."
    `);
  });
});
