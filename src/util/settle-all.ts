/**
 * The results in order, once every promise has ended; rejects with the first failure only then. Unlike `Promise.all`,
 * nothing that is still under way is left behind: an answer that was paid for gets stored before the failure goes on.
 */
export async function settleAll<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
