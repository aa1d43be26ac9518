/** An object with these properties, each of which is made when it is first asked for, and only once. */
export function lazily<Makers extends Readonly<Record<string, () => unknown>>>(
  makers: Makers,
): { readonly [Name in keyof Makers]: ReturnType<Makers[Name]> } {
  const made = new Map<string, unknown>();
  const properties = Object.entries(makers).map(([name, make]): [string, PropertyDescriptor] => {
    const get = (): unknown => {
      if (!made.has(name)) made.set(name, make());
      return made.get(name);
    };
    return [name, { get, enumerable: true }];
  });
  return Object.defineProperties({}, Object.fromEntries(properties)) as {
    readonly [Name in keyof Makers]: ReturnType<Makers[Name]>;
  };
}
