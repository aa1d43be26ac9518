import { isJsonObject } from '../util/json.js';
import type { Environment } from './environment.js';
import type { ValuePath as Path } from '../util/format-path.js';
import type { Report } from './report.js';

const VARIABLE = /\$\{([^{}]*)\}/g;
/** What may be shown of a map of settings. */
const SHOWN_KEYS = new Set(['model', 'use']);
/** Of a tool, what is a text for models or a schema: never expanded. */
const TEXT_KEYS = new Set(['description', 'parameters']);
/** A variable of such a name holds a secret, wherever a definition puts it. */
const SECRET_NAME = /(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASS|PWD|CREDENTIALS?|AUTH|PAT)(?:_|$)/i;
const FORM = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** Puts environment variables into settings, and remembers which. */
export interface Variables {
  readonly environment: Environment;
  /** Variables that hold something to be hidden. */
  readonly secrets: ReadonlySet<string>;
  /** Unset variables behind keys, headers and the like: an error only where the model, tool or server is used. */
  readonly missing: readonly MissingVariable[];
  /**
   * The value with every `${NAME}` and `${NAME:-default}` in its strings replaced. One that is not set is reported, and
   * undefined stands for the string; where it may still be done without, as in keys and headers, the string stays. A text
   * or a list of texts may be shown: a model's name, a path. In a map that holds for `model` and `use` only.
   */
  expand(value: unknown, path: Path): unknown;
  /** The map with `expand` done to the named fields. */
  expandFields(
    map: Readonly<Record<string, unknown>>,
    names: readonly string[],
    path: Path,
  ): Readonly<Record<string, unknown>>;
}

/** A variable that is not set, and the text that it stands in. */
export interface MissingVariable {
  readonly path: Path;
  readonly name: string;
}

/** The missing variables of what stands at `path`. */
export function missingInside({ missing }: Pick<Variables, 'missing'>, path: Path): readonly MissingVariable[] {
  return missing.filter(
    (one) => one.path.length > path.length && path.every((part, index) => part === one.path[index]),
  );
}

/** Variables from `environment`. */
export function createVariables(environment: Environment, report: Report): Variables {
  const secrets = new Set<string>();
  const missing: MissingVariable[] = [];

  /** Undefined where it is reported. */
  const expandText = (text: string, path: Path, isSecret: boolean): string | undefined => {
    let isWhole = true;
    const expanded = text.replaceAll(VARIABLE, (written: string, inside: string) => {
      const [, name, fallback] = FORM.exec(inside) ?? [];
      if (name !== undefined && (isSecret || SECRET_NAME.test(name))) secrets.add(name);
      const value = name === undefined ? undefined : environment[name];
      if (value !== undefined && (value !== '' || fallback === undefined)) return value;
      if (fallback !== undefined) return fallback;
      if (name !== undefined && isCredential(path)) missing.push({ path, name });
      else {
        isWhole = false;
        reportVariable(report, path, { written, name });
      }
      return written;
    });
    return isWhole ? expanded : undefined;
  };

  const expand = (value: unknown, path: Path, isSecret = false): unknown => {
    if (typeof value === 'string') return value.includes('${') ? expandText(value, path, isSecret) : value;
    if (Array.isArray(value)) return value.map((item, index) => expand(item, [...path, index], isSecret));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        if (TEXT_KEYS.has(key) && path.includes('tools')) return [key, item];
        return [key, expand(item, [...path, key], isSecret || !SHOWN_KEYS.has(key))];
      }),
    );
  };
  return {
    environment,
    secrets,
    missing,
    expand: (value, path) => expand(value, path),
    expandFields(map, names, path) {
      const expanded = names
        .filter((name) => Object.hasOwn(map, name))
        .map((name) => [name, expand(map[name], [...path, name])] as const);
      return { ...map, ...Object.fromEntries(expanded) };
    },
  };
}

function reportVariable(
  report: Report,
  path: Path,
  { written, name }: { written: string; name: string | undefined },
): void {
  if (name === undefined) {
    report.error(path, `${written} is not the name of a variable`, {
      hint: 'write ${NAME} or ${NAME:-default}',
      find: written,
    });
  } else {
    report.error(path, `the environment variable ${name} is not set`, {
      hint: `set it, write it into .env, or give a default: \${${name}:-…}`,
      find: written,
    });
  }
}

/** What is only needed where it is used. */
function isCredential(path: Path): boolean {
  if (path[0] === 'mcp_servers') return true;
  return path.at(-1) === 'api_key' || path.at(-1) === 'url' || path.at(-2) === 'headers';
}
