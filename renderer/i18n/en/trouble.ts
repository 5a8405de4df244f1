/** What can be wrong, what mends it, and how others reach this node. */
import { formatBytes, formatCount, formatNumber } from '../../text/format.ts'
import { byFlag, en as here } from '../place.ts'

export const trouble = {
  region: 'Problems',
  /** Beside a screen's title, for those who do not see the badge. */
  inRail: (title: string, count: number) => `${title}, ${formatCount(count, 'alert')}`,
  since: (time: string) => `Since ${time}`,
  restartIn: (span: string, attempt: number) => `Restarting automatically in ${span} (attempt ${attempt} of 5).`,
  restartNow: 'Restarting automatically…',
  gaveUp: (attempts: number) => `Restarted ${formatCount(attempts, 'time')} within ten minutes without success. Start it yourself.`,
  ports: { peers: 'peers', rpc: 'wallets and apps', metrics: 'metrics' },
  portTitle: (port: string, purpose: string) => `Port ${port} for ${purpose} is in use`,
  portTitleUnknown: (purpose: string) => `The port for ${purpose} is in use`,
  portText: 'Another program uses it. Let Nodestead use a free port, or close the other program and try again.',
  portTextFixed: 'Another program uses it. Close that program and try again, or start the node with another port.',
  lockedTitle: 'The data folder is in use',
  lockedText: (path: string, pid: number) => `Process ${pid} is using ${path}. Two nodes must not share a data folder. Close that program and try again.`,
  lockedTextUnknown: (path: string) => `Another program is using ${path}. Two nodes must not share a data folder. Close that program and try again.`,
  damagedTitle: 'The database is damaged',
  versionTitle: 'The database has another version',
  versionText: (path: string) => `${path} was written by another version of Nodestead. Open it with that version, or move it aside and sync again.`,
  chainTitle: 'The database belongs to another network',
  chainText: (path: string) => `The data in ${path} has another genesis. Move it aside to start with an empty database; the old data is kept.`,
  diskFullTitle: 'The disk is full',
  diskFullText: (free: string, needed: string) => `Only ${free} left. The node was stopped to protect its database. Free at least ${needed}, then start it.`,
  diskFullTextUnknown: (needed: string) => `The node was stopped to protect its database. Free at least ${needed}, then start it.`,
  diskLowTitle: 'The disk is almost full',
  diskLowText: (free: string, stop: string) => `${free} left. Below ${stop} the node stops automatically. Free some space or move the data to another disk.`,
  clockBehindTitle: (span: string) => `The clock of ${here.computer()} is ${span} slow`,
  clockAheadTitle: (span: string) => `The clock of ${here.computer()} is ${span} fast`,
  clockText: (peers: number) =>
    `${formatCount(peers, 'peer reports', 'peers report')} another time. With a wrong clock the node rejects valid blocks, and peers reject its own. Set the clock automatically from the internet.`,
  jumpForwardTitle: (span: string) => `The clock jumped forward by ${span}`,
  jumpBackTitle: (span: string) => `The clock jumped back by ${span}`,
  jumpText: 'The clock was set, or the computer slept. The node checks its connections; restart it if problems remain.',
  noPeersTitle: 'No peers',
  noPeersText: (span: string) => `No peers for ${span}. Check your internet connection and firewall.`,
  aloneTitle: 'No blocks: this node is alone',
  aloneText: (authorities: number) =>
    `This network has ${formatCount(authorities, 'authority', 'authorities')}, but no other node is connected. Blocks produced now would fork the chain, so none are produced. Start another node of the network or connect to one on the Peers screen. If the other authorities are permanently gone, ${byFlag('turn on “Produce blocks alone” in Settings', 'start this node with --force-authoring')}.`,
  againTitle: (span: string) => `No blocks for ${span}: the clock was set back`,
  againText: 'This node has already produced blocks for the time its clock shows now. Producing others would be equivocation, for which validators are slashed. Production resumes when that time has passed. If the clock is wrong, set it. If it was wrong before and nobody has those blocks, stop the node, delete the folder signing-record beside the keys and start it again.',
  unreadableTitle: 'Nothing is signed: the signing record cannot be read',
  unreadableText: (path: string) =>
    `${path} records what each key signed last, and it cannot be read. Without it a key might sign twice, for which validators are slashed. Restore that file, or the one ending in .copy.json, from a backup and restart. If there is no backup, make sure that no other computer uses this key, wait an hour, delete both files and restart.`,
  unwritableTitle: 'Nothing is signed: the signing record cannot be written',
  unwritableText: (path: string) =>
    `Every signature must first be recorded in ${path}, and writing fails. Check that the disk is not full and that the folder is writable. The node retries automatically.`,
  routerTitle: 'Not reachable through the router',
  doubleNatTitle: 'Behind two routers',
  routerText: {
    NAT_ROUTER_ABSENT: 'No router answered. Turn on UPnP in the router, or forward the port by hand. Without it the node connects to others, but they cannot connect to it.',
    NAT_ROUTER_SILENT: 'The router no longer answers. Restart it if this persists, or forward the port by hand.',
    NAT_ROUTER_MALFORMED: 'The router sent an invalid UPnP answer. Update its firmware, or forward the port by hand.',
    get NAT_ROUTER_REFUSED() {
      return `The router refused to forward the port. Allow UPnP for ${here.computer()}, or forward the port by hand.`
    },
    get NAT_PORT_TAKEN() {
      return `Another computer already uses these ports on the router. ${byFlag('Choose another peer port in Settings.', 'Start the node with another --port.')}`
    },
    NAT_ROUTER_OFFLINE: 'The router has no internet connection.',
    NAT_DOUBLE: 'The router forwards the port but is behind another router. Forward the port there too, or ask your provider for a public address.',
    get NAT_NO_PORTS() {
      return `The node listens on no address of the local network. ${byFlag('Change the listen addresses in Settings.', 'Start it with another --listen-addr.')}`
    },
  } as Readonly<Record<string, string>>,
  memberKeyTitle: (name: string) => `Another peer answers for ${name}`,
  memberKeyText: (peer: string, found: string, others: number, path: string) =>
    `At the address of ${peer}, ${found} answered. It was refused${others === 0 ? '' : `, and so were others at the addresses of ${formatCount(others, 'more member', 'more members')}`}. If the member has a new key, correct its ID in ${path}. If not, find out who answers there.`,
  topologyFileTitle: 'The list of members cannot be used',
  topologyFileText: (path: string) => `${path} was changed and has an error. The list of before stays in effect until the file is corrected.`,
  relayValidatorTitle: 'This node is not a validator here',
  get relayValidatorText() {
    return `A validator of a relay chain must also back and check parachain blocks. This node does not do that, so it follows the chain and signs nothing. ${byFlag('Set the role to full node in Settings.', 'Start it without --validator.')}`
  },
  oldRuntimeTitle: 'This network uses an earlier runtime',
  oldRuntimeText: 'It was created before Nodestead had its own runtime and keeps working as it is. A new network has smart contracts, authorities that can be changed, and runtime upgrades.',
  trapTitle: 'The runtime trapped',
  trapText: 'The runtime trapped while executing a block. Restart the node; if that does not help, check for an update of Nodestead.',
  trapTextStopped: 'The runtime does not run on this node. Check for an update of Nodestead, or start the node again.',
  cannotExecuteTitle: (height: string) => `This node cannot execute block ${height}`,
  cannotExecuteText: (height: string, peers: number) =>
    `${formatCount(peers, 'peer has', 'peers have')} executed block ${height}; this node gets another result and cannot continue. This is probably a bug in this version of Nodestead. Check for an update. The node retries from time to time; a restart retries at once. If the problem remains, save a support bundle and report it.`,
  said: 'Details:',
  failedTitle: 'The node failed',
  actions: {
    start: 'Try again',
    restart: 'Restart node',
    'free-port': 'Use a free port',
    'set-aside': 'Move aside and sync again',
    reconnect: 'Look for peers now',
    'ask-router': 'Ask the router again',
    'time-settings': 'Open date and time settings',
    'move-data': 'Move data…',
    'add-network': 'Add network…',
    check: 'Check again',
    get 'sole-signer'() {
      return `${here.Computer()} is the only one with this key now…`
    },
    dismiss: 'Dismiss',
  },
  startNode: 'Start node',
  bundle: 'Save support bundle',
  bundleHint: 'An archive with logs, versions, settings and metrics for whoever helps you. Phrases, keys, passphrases, names and addresses are removed.',
  connectivity: 'Reachability',
  connectivityHint: 'Whether other nodes can connect to this one from the internet.',
  facts: { mapped: 'Port forwarded (UPnP)', external: 'External address', verified: 'Verified from outside', relayed: 'Through a relay' },
  factHints: {
    get mapped() {
      return `The router forwards a port to ${here.computer()}.`
    },
    get external() {
      return `The address of ${here.computer()} as seen from the internet.`
    },
    verified: 'Another node has connected from outside.',
    relayed: 'Peers reach this node only through a relay.',
  },
  quic: 'QUIC',
  quicHint: 'A transport over UDP, besides TCP.',
  quicStates: { available: 'on', unavailable: 'not available here' },
  quicWhy: {
    'not-installed': 'QUIC is not available here: its native part is not installed for this system. The node runs without it.',
    'no-socket': 'QUIC is not available here: no UDP socket could be opened. The node runs without it.',
    'private-network': 'QUIC is not available here: it cannot encrypt with the key of a private network. The node runs without it.',
  },
  relayGives: (places: number, of: number, passed: number) => `Relay: ${formatNumber(places)} of ${formatNumber(of)} places taken, ${formatBytes(passed)} passed on.`,
  relayBudget: (span: string, bytes: number, trustedSpan: string, trustedBytes: number) =>
    `A connection may last ${span} and carry ${formatBytes(bytes)}; one to a reserved peer ${trustedSpan} and ${formatBytes(trustedBytes)}.`,
  addresses: (count: number) => `Listening on ${formatCount(count, 'address', 'addresses')}`,
  address: 'address',
  yes: 'yes',
  no: 'no',
  notYet: 'not yet',
  known: 'known',
  unknown: 'unknown',
  off: 'off',
  searching: 'searching',
  refused: 'failed',
  twoRouters: 'two routers',
  advice: {
    stopped: 'Known once the node is running.',
    verified: 'Peers can reach this node.',
    mapped: 'The port is forwarded. It is verified when a node outside has connected, which takes a few minutes.',
    searching: 'Looking for a router…',
    off: (port: string) => `UPnP is off. Forward port ${port} by hand, ${byFlag('or turn on UPnP in Settings', 'or start the node with --upnp')}.`,
    failed: (port: string) => `Forward port ${port} on the router by hand. Without it the node connects to others, but they cannot connect to it.`,
    doubleNat: 'Forward the port on the outer router too, or ask your provider for a public address.',
  },
}
