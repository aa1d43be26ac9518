import { stringify } from 'yaml';
import { PROMPT_PIECES, type PromptPiece } from './prompt-pieces.js';

const HEAD = `# Texts of the prompts. A crew takes a file like this one as its prompt_file; what the file leaves out stays as it is.
# {slot} stands for what the run puts in, and {{slot}} for {slot} itself.
`;

/** All pieces of the prompts as YAML that a crew can take as its `prompt_file`; comments say where each one is used. */
export function listPromptPieces(): string {
  const pieces = Object.entries<PromptPiece>(PROMPT_PIECES).map(
    ([name, { text, use }]) => `\n# ${use}\n${stringify({ [name]: text }, { lineWidth: 0, blockQuote: 'literal' })}`,
  );
  return HEAD + pieces.join('');
}
