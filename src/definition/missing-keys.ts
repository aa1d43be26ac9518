import type { Environment } from './environment.js';
import { AZURE_RESOURCE_VARIABLE, findApiKey, findProvider, needsApiKey, resolveBaseUrl } from './providers.js';
import type { Report } from './report.js';
import type { UsedModel } from './resolve-models.js';
import type { ModelDefinition } from './types.js';
import { missingInside, type Variables } from './variables.js';

const HINT = 'set it, or write it into .env beside the definition; with a cassette no key is needed';

/** Reports, once for each variable, what the used models need and the environment does not have. */
export function reportMissingKeys(used: readonly UsedModel[], variables: Variables, report: Report): void {
  const told = new Set<string>();
  for (const { model, path, userPath, isDefault } of used) {
    const unset = missingInside(variables, path);
    for (const { path: place, name } of unset) {
      tell(name, () =>
        report.error(place, `the environment variable ${name} is not set`, {
          hint: HINT,
          find: `\${${name}}`,
        }),
      );
    }
    if (unset.length > 0) continue;
    for (const names of findUnset(model, variables.environment)) {
      tell(names.join(), () => {
        const unsetNames = names.length === 1 ? `${names[0]} is not set` : `none of ${names.join(', ')} is set`;
        const target = isDefault ? 'key' : 'value';
        report.error(userPath, `${unsetNames}; ${model.reference} needs it`, { hint: HINT, target });
      });
    }
  }

  function tell(name: string, say: () => void): void {
    if (!told.has(name)) say();
    told.add(name);
  }
}

/** What a model needs and lacks: for each thing the variables of which one would do. */
function findUnset(model: ModelDefinition, environment: Environment): (readonly string[])[] {
  const { provider } = model;
  const unset: (readonly string[])[] = [];
  const baseUrl = resolveBaseUrl(provider, model.baseUrl, environment);
  const hasKey = model.apiKey !== undefined || findApiKey(provider, environment) !== undefined || hasKeyHeader(model);
  if (!hasKey && needsApiKey(provider, baseUrl)) unset.push(findProvider(provider)?.keyVariables ?? []);
  if (provider === 'azure' && baseUrl === undefined && !environment[AZURE_RESOURCE_VARIABLE]) {
    unset.push(['AZURE_API_BASE', AZURE_RESOURCE_VARIABLE]);
  }
  return unset;
}

/** True where a model brings its key in a header of its own. */
export function hasKeyHeader({ headers = {} }: ModelDefinition): boolean {
  return Object.keys(headers).some((name) => /^(authorization|(x-|x-goog-)?api-key)$/i.test(name));
}
