/** Where a process answers at once and a socket later: `await` suits both. */
export type Awaitable<T> = T | Promise<T>
