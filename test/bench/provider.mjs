// A local server that answers chat completions after BENCH_LATENCY_MS; prints its base URL.
import { createServer } from 'node:http';

const latencyMs = Number(process.env.BENCH_LATENCY_MS ?? 0);
const answer = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4.1-mini',
  choices: [{ index: 0, message: { role: 'assistant', content: 'The result. '.repeat(40) }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 60, completion_tokens: 120, total_tokens: 180 },
});

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(answer);
    }, latencyMs);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/v1`));
