/** Settings of the app and of networks: each with a line that says what it does. */
import { formatCount, formatNumber } from '../../text/format.ts'
import type { SchemaFault } from '../../text/json-schema.ts'

export const settings = {
  readOnly: 'This node was started from the command line: its flags are its settings.',
  noNetwork: 'No network is set up yet.',
  pending: (count: number, network: string) => `${formatCount(count, 'setting')} of ${network} will take effect when its node starts again.`,
  inEffect: (network: string) => `Every setting of the app and of ${network} is in effect.`,
  search: 'Search the settings',
  searchHint: 'Search ( / )',
  nothingFound: 'No setting is called that. Try another word.',
  tabs: { form: 'Settings', json: 'JSON' },
  groups: { app: 'The app', network: 'This network', reach: 'Being reached', peers: 'Peers', wallets: 'Wallets and apps', metrics: 'Metrics for other programs' },
  needsRestart: 'needs a restart',
  toDefault: 'Set back to default',
  reset: (label: string) => `Set back to default: ${label}`,
  flags: 'Flags',
  flag: 'Flag',
  value: 'Value',
  editor: 'Settings as JSON',
  editorHelp: 'All settings as they are kept. What you change is checked as you type, and shown before it is applied.',
  lines: 'Lines',
  apply: 'Apply',
  discard: 'Discard',
  noChange: 'No change yet.',
  changes: (count: number) => `${formatCount(count, 'change')} to apply`,
  setting: 'Setting',
  before: 'Now',
  after: 'Then',
  at: (line: number, column: number, reason: string) => `Line ${formatNumber(line)}, column ${formatNumber(column)}: ${reason}`,
  notJson: (found: string | undefined) => (found === undefined ? 'the text ends too early.' : `"${found}" is not expected here.`),
  fault: (fault: SchemaFault): string => {
    switch (fault.code) {
      case 'type':
        return { object: 'a group in braces is expected.', array: 'a list is expected.', boolean: 'true or false is expected.', integer: 'a whole number is expected.' }[fault.expected] ?? 'a text is expected.'
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
            origin: 'an origin such as https://example.org is expected, or *.',
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
      help: 'Light, dark, or as the computer has it.',
    },
    reduceMotion: {
      label: 'Motion',
      help: 'Whether things move when they change.',
    },
    launchAtLogin: {
      label: 'Open at login',
      help: 'Nodestead opens when you log in to this computer.',
    },
    notifications: {
      label: 'Notifications',
      help: 'What the system tells you while the window is hidden.',
    },
    updateChannel: {
      label: 'Updates',
      help: 'Which versions are offered: those that are released, or also those that are tried out before.',
    },
    name: {
      label: 'Name',
      help: 'What the network is called in this app.',
    },
    role: {
      label: 'Role',
      help: 'A full node follows the chain; a validator also makes blocks, if the chain has chosen its keys.',
    },
    account: {
      label: 'Development keys',
      help: 'Keys that everybody knows, for development chains only. With none, the keys of the screen Keys are used.',
    },
    forceAuthoring: {
      label: 'Make blocks alone',
      help: 'Also while no other node is connected. For a network whose other authorities are gone for good: otherwise two chains grow apart.',
    },
    sealing: {
      label: 'Block production',
      help: 'On a development chain: in slots, for each transaction, or when you ask. A chain that was produced on request starts again before it goes on in slots.',
    },
    autoStart: {
      label: 'Start with the app',
      help: 'The node of this network starts when Nodestead opens.',
    },
    log: {
      label: 'What is logged',
      help: 'A level (error, warn, info, debug, trace), or several by module: info,babe=debug.',
    },
    'network.port': {
      label: 'Port for peers',
      help: 'TCP on this port, WebSocket on the next one. 0 lets the system choose.',
    },
    'network.upnp': {
      label: 'Open the port at the router',
      help: 'Asks the router by UPnP to pass the ports for peers on, so that others can reach this node. No other port.',
    },
    'network.mdns': {
      label: 'Find peers nearby',
      help: 'Looks for nodes of this network on the local network.',
    },
    'network.listenAddrs': {
      label: 'Listen at',
      help: 'Addresses to listen at, instead of the port on every interface. One on each line, such as /ip4/192.0.2.1/tcp/30333.',
    },
    'network.publicAddrs': {
      label: 'Tell others',
      help: 'Addresses at which others reach this node, besides those that it finds out. One on each line.',
    },
    'network.relayServer': {
      label: 'Relay for others',
      help: 'Passes traffic on between peers who cannot reach each other. It costs bandwidth.',
    },
    'network.inPeers': {
      label: 'Peers who come to us',
      help: 'How many others may connect to this node.',
    },
    'network.outPeers': {
      label: 'Peers whom we choose',
      help: 'How many others this node connects to.',
    },
    'network.downloadLimit': {
      label: 'Download limit',
      help: 'In kB a second, all peers together. 0 is no limit. Below 500, catching up takes long.',
    },
    'network.uploadLimit': {
      label: 'Upload limit',
      help: 'In kB a second, all peers together. 0 is no limit. Below 500, peers may turn to faster nodes.',
    },
    'network.bootnodes': {
      label: 'Boot nodes',
      help: 'Peers to begin with, besides those of the chain. One on each line, ending in /p2p/ and the peer id.',
    },
    'network.reservedNodes': {
      label: 'Reserved peers',
      help: 'Peers who always have a place. One on each line, ending in /p2p/ and the peer id.',
    },
    'network.reservedOnly': {
      label: 'Reserved peers only',
      help: 'Nobody else is spoken with.',
    },
    'rpc.port': {
      label: 'Port for wallets',
      help: 'Where wallets and apps on this computer reach the node. 0 lets the system choose.',
    },
    'rpc.cors': {
      label: 'Web pages allowed',
      help: 'Pages that may speak with the node from a browser on this computer. One origin on each line; * lets every page.',
    },
    'prometheus.enabled': {
      label: 'Serve metrics',
      help: 'Figures for Prometheus at /metrics. The screen Metrics needs no server.',
    },
    'prometheus.port': {
      label: 'Port for metrics',
      help: '0 lets the system choose.',
    },
    'prometheus.external': {
      label: 'To other machines too',
      help: 'Without it, only this computer reads the metrics.',
    },
  },
  options: {
    language: { system: 'As the computer', en: 'English', de: 'Deutsch', es: 'Español' },
    theme: { system: 'As the computer', light: 'Light', dark: 'Dark' },
    reduceMotion: { system: 'As the computer', always: 'None' },
    notifications: { none: 'None', problems: 'What needs attention', all: 'All' },
    updateChannel: { stable: 'Finished versions', preview: 'Previews too' },
    sealing: { slots: 'In slots', instant: 'For each transaction', manual: 'On request' },
    role: { full: 'Full node', validator: 'Validator' },
    account: { none: 'None', alice: 'Alice', bob: 'Bob', charlie: 'Charlie', dave: 'Dave', eve: 'Eve', ferdie: 'Ferdie' },
  } as Readonly<Record<string, Readonly<Record<string, string>>>>,
}
