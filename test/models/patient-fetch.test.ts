import { expect, it } from 'vitest';
import { createPatientFetch } from '../../src/models/patient-fetch.js';
import { after, startProviderServer, text } from '../helpers/provider-server.js';

const GLOBAL_DISPATCHER = Symbol.for('undici.globalDispatcher.1');

it('uses a pool of its own, of the kind that Node has, without limits of time', async () => {
  const holder = globalThis as Record<symbol, unknown>;
  await fetch('data:,x');
  const original = holder[GLOBAL_DISPATCHER];
  const made: unknown[] = [];
  class Agent extends (original as { constructor: new (options: object) => object }).constructor {
    constructor(options: object) {
      super(options);
      made.push(options);
    }
  }
  const stand = new Agent({});
  holder[GLOBAL_DISPATCHER] = stand;
  const server = await startProviderServer([text('one'), after(Promise.resolve(), text('two'))]);
  try {
    const patient = createPatientFetch();
    const send = () => patient(`${server.url}/chat/completions`, { method: 'POST', body: '{}' });
    expect((await send()).status).toBe(200);
    expect((await send()).status).toBe(200);
  } finally {
    holder[GLOBAL_DISPATCHER] = original;
    await server.close();
  }
  expect(made).toEqual([{}, { headersTimeout: 0, bodyTimeout: 0 }]);
});
