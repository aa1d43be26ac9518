// A local server that answers chat completions after BENCH_LATENCY_MS; prints its base URL. An answer is a text, after
// BENCH_ROUNDS calls of a tool; requests with the words BENCH_REFUSED are refused.
import { createServer } from 'node:http';

const { BENCH_LATENCY_MS, BENCH_ROUNDS, BENCH_REFUSED } = process.env;
const latencyMs = Number(BENCH_LATENCY_MS ?? 0);
const rounds = Number(BENCH_ROUNDS ?? 0);
const answerWith = (message, reason) =>
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4.1-mini',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: reason }],
    usage: { prompt_tokens: 60, completion_tokens: 120, total_tokens: 180 },
  });
const text = answerWith({ content: 'The result. '.repeat(40) }, 'stop');
const turnPage = (page) => {
  const call = { id: `call_${page}`, type: 'function', function: { name: 'turn_page', arguments: `{"page":${page}}` } };
  return answerWith({ content: null, tool_calls: [call] }, 'tool_calls');
};

/** Status and body for a request. */
function answer(body) {
  if (BENCH_REFUSED && body.includes(BENCH_REFUSED)) return [400, '{"error":{"message":"not now"}}'];
  const page = rounds > 0 ? body.split('"role":"tool"').length : 0;
  return [200, rounds > 0 && page <= rounds ? turnPage(page) : text];
}

const readsBodies = rounds > 0 || BENCH_REFUSED !== undefined;
const server = createServer((request, response) => {
  let body = '';
  if (readsBodies) request.setEncoding('utf8').on('data', (chunk) => (body += chunk));
  else request.resume();
  request.on('end', () => {
    setTimeout(() => {
      const [status, content] = answer(body);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(content);
    }, latencyMs);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/v1`));
