// What a script without crew does: the same calls over the AI SDK, nothing stored. Usage: bare.mjs <calls> <concurrency>
import { createOpenAI } from '@ai-sdk/openai';
import { generateText } from 'ai';
import pLimit from 'p-limit';

const [calls, concurrency] = process.argv.slice(2).map(Number);
const model = createOpenAI({}).chat('gpt-4.1-mini');
const limit = pLimit(concurrency);
const texts = await Promise.all(
  Array.from({ length: calls }, (_, index) =>
    limit(async () => {
      const { text } = await generateText({
        model,
        system: 'Role: Worker\nGoal: Do the work.\nBackground: You work.',
        prompt: `Task: Do number ${index}.\n\nExpected output: The result.\n\nAnswer with the complete result, nothing else.`,
      });
      return text;
    }),
  ),
);
process.stdout.write(texts.at(-1));
