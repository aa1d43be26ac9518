/** A tool of your own: what it is for, its parameters as JSON Schema (or Zod), and a function. */
export default {
  description: 'Multiplies quantities by prices and adds them up, in cents, without rounding errors.',
  parameters: {
    type: 'object',
    properties: {
      lines: {
        type: 'array',
        items: {
          type: 'object',
          properties: { quantity: { type: 'integer' }, price: { type: 'number' } },
          required: ['quantity', 'price'],
        },
      },
    },
    required: ['lines'],
  },
  effects: 'none',
  execute({ lines }: { lines: { quantity: number; price: number }[] }) {
    const totals = lines.map(({ quantity, price }) => (quantity * Math.round(price * 100)) / 100);
    return { totals, sum: Math.round(totals.reduce((sum, total) => sum + total, 0) * 100) / 100 };
  },
};
