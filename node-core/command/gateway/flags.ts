/** The flags of `gateway`, as data. What their values mean is decided in gateway-options.ts. */
import type { FlagTable } from '../definition/flag.ts'
import { CHAIN_FLAGS } from '../flags.ts'

export const GATEWAY_FLAGS = {
  'base-path': CHAIN_FLAGS['base-path'],
  'gateway-listen': { type: 'string', value: 'addr', group: 'gateway', common: true, fallback: '127.0.0.1', help: 'address to listen at', detail: 'Other addresses than those of the loopback take a certificate.' },
  'gateway-port': { type: 'string', value: 'n', group: 'gateway', common: true, fallback: '8443', help: 'its port' },
  'tls-cert': { type: 'string', value: 'file', group: 'gateway', common: true, completes: 'file', help: 'the certificate, in PEM', detail: 'Those that vouch for it stand behind it. It is read again when it changes, and its key with it.' },
  'tls-key': { type: 'string', value: 'file', group: 'gateway', common: true, completes: 'file', help: 'its key, readable by you only' },
  'public-url': { type: 'string', value: 'url', group: 'gateway', common: true, help: 'where clients see it', detail: 'With the path under which a reverse proxy has it, such as https://node.example/rpc/.' },
  'trusted-proxy': { type: 'string', multiple: true, value: 'addr', group: 'gateway', help: 'proxies whose X-Forwarded-For counts', detail: 'Addresses or networks, such as 10.0.0.0/8.' },
  'node-url': { type: 'string', value: 'url', group: 'gateway', fallback: 'http://127.0.0.1:9944', help: 'JSON-RPC of the node' },
  'node-service-url': { type: 'string', value: 'url', group: 'gateway', help: 'its service API, to serve that too' },
  'node-token-file': { type: 'string', value: 'file', group: 'gateway', completes: 'file', help: 'a token for it, of scopes read and submit' },
  'allow-method': { type: 'string', multiple: true, value: 'name', group: 'gateway', help: 'serve these methods too; a name may end in *' },
  'deny-method': { type: 'string', multiple: true, value: 'name', group: 'gateway', help: 'and these not' },
  'drain-seconds': { type: 'string', value: 'n', group: 'gateway', fallback: '10', help: 'time for what is under way when it stops' },
  'request-log': { type: 'string', value: 'file', group: 'gateway', completes: 'file', fallback: 'in its folder', help: 'log of requests, or none' },
  'log-addresses': { type: 'string', value: 'how', group: 'gateway', choices: ['full', 'prefix', 'none'], fallback: 'full', help: 'addresses in it: full, prefix, none' },
  'prometheus-port': { type: 'string', value: 'n', group: 'gateway', help: 'serve metrics at this port' },
  'keys-file': { type: 'string', value: 'file', group: 'clients', completes: 'file', fallback: 'in its folder', help: 'the keys of clients' },
  anonymous: { type: 'string', value: 'n', group: 'clients', common: true, fallback: '0', help: 'requests a minute and address without a key' },
  'per-address': { type: 'string', value: 'n', group: 'clients', fallback: '6000', help: 'requests a minute and address' },
  'per-minute': { type: 'string', value: 'n', group: 'clients', help: 'of key add: requests a minute' },
  'per-day': { type: 'string', value: 'n', group: 'clients', help: 'of key add: requests a day, in UTC' },
  cors: { type: 'string', value: 'origins', group: 'clients', common: true, help: 'web pages that may call: origins by commas, or all' },
  'max-connections': { type: 'string', value: 'n', group: 'clients', fallback: '1024', help: 'connections at once' },
  'max-request-size': { type: 'string', value: 'MiB', group: 'clients', fallback: '4', help: 'largest request' },
} as const satisfies FlagTable
