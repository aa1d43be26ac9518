import type { LanguageModelV3 } from '@ai-sdk/provider';
import type { JsonObject } from '../../util/json.js';
import type { Connection } from '../connection.js';

/** A provider's package, set up for one server. */
export interface Provider {
  /** The key of the package's own options in a call. */
  readonly optionsName: string;
  /** Options that hold unless the definition says otherwise. */
  readonly defaultOptions?: JsonObject;
  /** True where the package knows its options by camelCase names; elsewhere they go into the request's body as written. */
  readonly namesOptionsItself: boolean;
  /** True where the package asks for OpenAI's strict mode for response schemas unless it is told not to. */
  readonly strictSchemas: boolean;
  /** Where strict mode exists for tools. `always-said`: its absence has to be said too. */
  readonly strictTools?: 'where-possible' | 'always-said';
  createModel(modelId: string): LanguageModelV3;
}

/** What each file in this folder exports. */
export interface ProviderModule {
  createProvider(connection: Connection): Provider;
}
