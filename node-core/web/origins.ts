/** Which sites' pages may use a server, by the `Origin` that browsers send. */

/** True where there is no `Origin`, or one of `origins`; a pattern may end in `:*` for any port or none, and `*` is all of them. */
export function isAllowedOrigin(header: string | undefined, origins: readonly string[]): boolean {
  if (header === undefined || origins.includes('*')) return true
  const origin = header.toLowerCase()
  return origins.some((pattern) => {
    const wanted = pattern.toLowerCase()
    if (!wanted.endsWith(':*')) return origin === wanted
    const base = wanted.slice(0, -2)
    return origin === base || (origin.startsWith(`${base}:`) && /^\d{1,5}$/.test(origin.slice(base.length + 1)))
  })
}
