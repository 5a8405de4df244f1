/** Settings of the app and of networks: each with a line that says what it does. */
import { formatCount, formatNumber } from '../../text/format.ts'
import type { SchemaFault } from '../../text/json-schema.ts'

export const settings = {
  readOnly: 'This node was started from the command line. Its flags are shown here.',
  noNetwork: 'No network yet.',
  pending: (count: number, network: string) => `${formatCount(count, 'setting')} of ${network} will take effect when the node restarts.`,
  inEffect: (network: string) => `All settings of the app and of ${network} are in effect.`,
  search: 'Search settings',
  searchHint: 'Search ( / )',
  nothingFound: 'No matching setting.',
  tabs: { form: 'Settings', json: 'JSON' },
  groups: { app: 'App', network: 'This network', chainData: 'Chain data', reach: 'Reachability', peers: 'Peers', wallets: 'Wallets and apps', metrics: 'Metrics for other programs', programs: 'Local programs' },
  needsRestart: 'needs a restart',
  toDefault: 'Reset to default',
  reset: (label: string) => `Reset to default: ${label}`,
  pickFile: (label: string) => `Choose file: ${label}`,
  checking: 'Checking the file…',
  fileOf: (members: number) => `The file lists ${formatCount(members, 'member')}.`,
  keyUsable: 'The file is a network key.',
  quicInUse: 'It is in use.',
  flags: 'Flags',
  flag: 'Flag',
  value: 'Value',
  editor: 'Settings as JSON',
  editorHelp: 'All settings as stored. Changes are checked as you type and shown before you apply them.',
  lines: 'Lines',
  apply: 'Apply',
  discard: 'Discard',
  noChange: 'No changes.',
  changes: (count: number) => `${formatCount(count, 'change')} to apply`,
  setting: 'Setting',
  before: 'Current',
  after: 'New',
  at: (line: number, column: number, reason: string) => `Line ${formatNumber(line)}, column ${formatNumber(column)}: ${reason}`,
  notJson: (found: string | undefined) => (found === undefined ? 'unexpected end of the text.' : `unexpected "${found}".`),
  fault: (fault: SchemaFault): string => {
    switch (fault.code) {
      case 'type':
        return { object: 'an object in braces is expected.', array: 'a list is expected.', boolean: 'true or false is expected.', integer: 'a whole number is expected.' }[fault.expected] ?? 'a text is expected.'
      case 'range':
        return `a number from ${fault.minimum} to ${fault.maximum} is expected.`
      case 'choice':
        return `one of ${fault.choices.join(', ')} is expected.`
      case 'missing':
        return 'this setting is missing.'
      case 'unknown':
        return 'there is no such setting.'
      case 'length':
        return `a text of ${formatNumber(fault.minimum)} to ${formatNumber(fault.maximum)} characters is expected.`
      case 'tooMany':
        return `at most ${formatNumber(fault.maximum)} are possible.`
      case 'format':
        return (
          {
            multiaddr: 'an address such as /ip4/192.0.2.1/tcp/30333 is expected.',
            'peer-multiaddr': 'an address that ends in /p2p/ and a peer id is expected.',
            'file-path': 'a full path is expected.',
            origin: 'an origin such as https://example.org is expected, or *.',
            pruning: 'auto, archive, archive-canonical or a number of blocks is expected.',
            'log-filter': 'a level such as info, or info,babe=debug, is expected.',
          }[fault.format] ?? 'it does not have the right form.'
        )
    }
  },
  items: {
    language: {
      label: 'Language',
      help: 'The language of this window.',
    },
    theme: {
      label: 'Appearance',
      help: 'Light, dark, or as the system.',
    },
    reduceMotion: {
      label: 'Animations',
      help: 'Whether changes are animated.',
    },
    launchAtLogin: {
      label: 'Open at login',
      help: 'Nodestead opens when you log in to this computer.',
    },
    notifications: {
      label: 'Notifications',
      help: 'What the system shows while the window is hidden.',
    },
    updateChannel: {
      label: 'Update channel',
      help: 'Which versions are offered: stable releases, or previews as well.',
    },
    name: {
      label: 'Name',
      help: 'Name of the network in this app.',
    },
    role: {
      label: 'Role',
      help: 'A full node follows the chain. A validator also produces blocks when its keys are in the authority set.',
    },
    account: {
      label: 'Development keys',
      help: 'Well-known keys for development chains. With none, the keys of the Keys screen are used.',
    },
    forceAuthoring: {
      label: 'Produce blocks alone',
      help: 'Also while no other node is connected. Use this only if the other authorities are permanently gone: otherwise the chain forks.',
    },
    sealing: {
      label: 'Block production',
      help: 'On a development chain: in slots, for each transaction, or on request. A chain produced on request starts again when you switch to slots.',
    },
    sync: {
      label: 'Sync mode',
      help: 'Warp verifies finality proofs and downloads one recent state. Full executes every block since genesis. Automatic: warp on live networks, full elsewhere.',
    },
    blocksPruning: {
      label: 'Blocks to keep',
      help: 'archive: all. archive-canonical: those of the finalized chain. A number: that many of the newest finalized blocks, at least 256. auto: 0 on live networks, archive elsewhere.',
    },
    statePruning: {
      label: 'States to keep',
      help: 'archive: all. archive-canonical: those of the finalized chain. A number: those of that many newest blocks. auto: unchanged for existing data; for new data 256 on live networks, archive elsewhere. Keeping more than is stored requires a new sync.',
    },
    autoStart: {
      label: 'Start with the app',
      help: 'Start this node when Nodestead opens.',
    },
    log: {
      label: 'Log level',
      help: 'A level (error, warn, info, debug, trace), or levels per module: info,babe=debug.',
    },
    'network.port': {
      label: 'Peer port',
      help: 'TCP on this port, WebSocket on the next one. 0: chosen by the system.',
    },
    'network.upnp': {
      label: 'Port forwarding (UPnP)',
      help: 'Asks the router by UPnP to forward the peer ports (with QUIC also the UDP port) to this computer, and no other port.',
    },
    'network.mdns': {
      label: 'Local discovery',
      help: 'Finds nodes of this network on the local network (mDNS).',
    },
    'network.listenAddrs': {
      label: 'Listen addresses',
      help: 'Instead of the peer port on all interfaces. One per line, such as /ip4/192.0.2.1/tcp/30333.',
    },
    'network.publicAddrs': {
      label: 'Public addresses',
      help: 'Addresses to announce in addition to those detected. One per line.',
    },
    'network.quic': {
      label: 'QUIC',
      help: 'Also speaks QUIC with peers, on the UDP port with the number of the peer port. What strangers send is then read by native code. Takes effect at the next start.',
    },
    'network.topologyFile': {
      label: 'File of members',
      help: 'The nodes of this file alone make up the network; all of them connect to each other. Replaces boot nodes and reserved peers. A full path on the node’s computer; changes of the file take effect while the node runs.',
    },
    'network.networkKeyFile': {
      label: 'Network key',
      help: 'File with the key that all members share (swarm.key). Whoever does not have it cannot speak with the members. A full path on the node’s computer.',
    },
    'network.relayServer': {
      label: 'Act as a relay',
      help: 'Relays traffic between peers that cannot reach each other. Uses bandwidth: up to 128 KiB and 2 minutes for a connection, 64 MiB and 2 hours for one to a reserved peer.',
    },
    'network.inPeers': {
      label: 'Inbound peers',
      help: 'How many peers may connect to this node.',
    },
    'network.outPeers': {
      label: 'Outbound peers',
      help: 'How many peers this node connects to.',
    },
    'network.downloadLimit': {
      label: 'Download limit',
      help: 'In kB per second, for all peers together. 0: no limit. Below 500, catching up takes long.',
    },
    'network.uploadLimit': {
      label: 'Upload limit',
      help: 'In kB per second, for all peers together. 0: no limit. Below 500, peers may prefer faster nodes.',
    },
    'network.bootnodes': {
      label: 'Boot nodes',
      help: 'First peers to connect to, in addition to those of the chain spec. One per line, ending in /p2p/ and the peer ID.',
    },
    'network.reservedNodes': {
      label: 'Reserved peers',
      help: 'Peers that always have a slot. One per line, ending in /p2p/ and the peer ID.',
    },
    'network.reservedOnly': {
      label: 'Reserved peers only',
      help: 'Connect to no other peers.',
    },
    'rpc.port': {
      label: 'RPC port',
      help: 'For wallets and apps on this computer. 0: chosen by the system.',
    },
    'rpc.cors': {
      label: 'Allowed web pages',
      help: 'Web pages that may use this node from a browser on this computer. One origin per line; * allows all.',
    },
    'rpc.methods': {
      label: 'Methods that change the node',
      help: 'Calls that insert keys, choose peers or keep the node busy. Automatic: only for programs on this computer, and for nobody once other computers are served.',
    },
    'rpc.external': {
      label: 'Serve wallets and apps on other computers',
      help: 'If off, only this computer can use the RPC port. The connection is not encrypted.',
    },
    'rpc.maxConnections': {
      label: 'Connections at once',
      help: 'Further wallets and apps are refused.',
    },
    'rpc.maxSubscriptionsPerConnection': {
      label: 'Subscriptions per connection',
      help: 'How many things one connection may be told about as they change, such as new blocks.',
    },
    'rpc.maxRequestSize': {
      label: 'Largest request',
      help: 'In MiB.',
    },
    'rpc.maxResponseSize': {
      label: 'Largest answer',
      help: 'In MiB.',
    },
    'rpc.maxBatch': {
      label: 'Requests in a batch',
      help: '0: batches are refused.',
    },
    'rpc.callsPerMinute': {
      label: 'Calls per minute',
      help: 'For each connection. 0: no limit. Calls above it wait, then are refused.',
    },
    'net.enabled': {
      label: 'Open to programs',
      help: 'Lets programs on this computer use the network through a local socket, each with a token and permissions that you give, and lets you share files. They never get the keys of the node. If off, the network carries only its own traffic.',
    },
    'prometheus.enabled': {
      label: 'Prometheus metrics',
      help: 'Serves metrics at /metrics. The Metrics screen does not need this.',
    },
    'prometheus.port': {
      label: 'Metrics port',
      help: '0: chosen by the system.',
    },
    'prometheus.external': {
      label: 'Serve to other computers',
      help: 'If off, only this computer can read the metrics.',
    },
  },
  exposure: {
    title: 'The RPC port is open to other computers',
    closed: 'Whoever reaches this port can read from this node and submit transactions, without encryption. Methods that change the node are refused, to programs on this computer too.',
    open: 'Whoever reaches this port can insert keys, choose the peers and keep the node busy. Only a firewall protects it. Choose Automatic under “Methods that change the node” unless you need them from other computers.',
    validator: 'This node is a validator. Strangers can keep it from its work, and a missed slot costs rewards: serve wallets and apps from a full node instead.',
    unsafe: 'Every program on this computer, and every allowed web page, may call methods that change the node.',
  },
  options: {
    language: { system: 'System', en: 'English', de: 'Deutsch', es: 'Español' },
    theme: { system: 'System', light: 'Light', dark: 'Dark' },
    reduceMotion: { system: 'System', always: 'None' },
    notifications: { none: 'None', problems: 'Problems only', all: 'All' },
    updateChannel: { stable: 'Stable', preview: 'Stable and preview' },
    'rpc.methods': { auto: 'Automatic', safe: 'For nobody', unsafe: 'For everybody' },
    sealing: { slots: 'In slots', instant: 'For each transaction', manual: 'On request' },
    sync: { auto: 'Automatic', warp: 'Warp', full: 'Full' },
    role: { full: 'Full node', validator: 'Validator' },
    account: { none: 'None', alice: 'Alice', bob: 'Bob', charlie: 'Charlie', dave: 'Dave', eve: 'Eve', ferdie: 'Ferdie' },
  } as Readonly<Record<string, Readonly<Record<string, string>>>>,
}
