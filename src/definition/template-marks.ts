/** Where a template has the text that it is put around. */
export const TEMPLATE_MARKS = {
  system: /\{\{\s*\.System\s*\}\}/g,
  prompt: /\{\{\s*\.Prompt\s*\}\}/g,
  response: /\{\{\s*\.Response\s*\}\}/g,
} as const;
