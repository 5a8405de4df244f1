/** The settings in the order of the screen, and which of them a search finds. Pure. */
import { m } from '../i18n/language.ts'
import { schemaAt, type JsonSchema } from './json-schema.ts'
import type { Sentence } from './status-sentence.ts'

export const GROUPS = [
  { id: 'app', scope: 'app', paths: ['language', 'theme', 'reduceMotion', 'launchAtLogin', 'notifications', 'updateChannel'] },
  { id: 'network', scope: 'network', paths: ['name', 'role', 'account', 'forceAuthoring', 'sealing', 'autoStart', 'log'] },
  { id: 'chainData', scope: 'network', paths: ['sync', 'blocksPruning', 'statePruning'] },
  { id: 'reach', scope: 'network', paths: ['network.port', 'network.upnp', 'network.mdns', 'network.listenAddrs', 'network.publicAddrs', 'network.quic', 'network.relayServer'] },
  { id: 'peers', scope: 'network', paths: ['network.inPeers', 'network.outPeers', 'network.downloadLimit', 'network.uploadLimit', 'network.bootnodes', 'network.reservedNodes', 'network.reservedOnly', 'network.topologyFile', 'network.networkKeyFile'] },
  { id: 'wallets', scope: 'network', paths: ['rpc.port', 'rpc.cors', 'rpc.methods', 'rpc.external', 'rpc.maxConnections', 'rpc.maxSubscriptionsPerConnection', 'rpc.maxRequestSize', 'rpc.maxResponseSize', 'rpc.maxBatch', 'rpc.callsPerMinute'] },
  { id: 'metrics', scope: 'network', paths: ['prometheus.enabled', 'prometheus.port', 'prometheus.external'] },
  { id: 'programs', scope: 'network', paths: ['net.enabled'] },
] as const

export type GroupId = (typeof GROUPS)[number]['id']
export type SettingPath = (typeof GROUPS)[number]['paths'][number]

export type SettingKind = 'choice' | 'switch' | 'number' | 'list' | 'text' | 'file'

export function kindOf(schema: JsonSchema): SettingKind {
  if (schema.enum !== undefined) return 'choice'
  if (schema.type === 'boolean') return 'switch'
  if (schema.type === 'integer') return 'number'
  if (schema.type === 'array') return 'list'
  return schema.format === 'file-path' ? 'file' : 'text'
}

/** The paths of a group that a search finds: by the words of their label, their help or their name in the file. */
export function foundIn(paths: readonly SettingPath[], search: string): readonly SettingPath[] {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== '')
  return paths.filter((path) => {
    const { label, help } = m.settings.items[path]
    const text = `${label} ${help} ${path}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** Whether there is such a setting in this schema: another version's may lack one. */
export function existsIn(schema: JsonSchema, path: string): boolean {
  return schemaAt(schema, path) !== undefined
}

/** The one true sentence on top of the screen. */
export function settingsSentence(options: { readonly network: string | undefined; readonly pending: number; readonly writable: boolean }): Sentence {
  if (!options.writable) return { tone: 'off', text: m.settings.readOnly }
  if (options.network === undefined) return { tone: 'off', text: m.settings.noNetwork }
  if (options.pending > 0) return { tone: 'attention', text: m.settings.pending(options.pending, options.network) }
  return { tone: 'well', text: m.settings.inEffect(options.network) }
}
