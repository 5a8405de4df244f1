/** Actions of the palette about networks: start and stop of each, copies, connecting, adding, exporting, resetting. */
import { saveFile } from './save-file.ts'
import type { Command, CommandTargets } from './command-types.ts'
import { m } from '../i18n/language.ts'
import { copyText } from './copy.ts'
import type { NetworkDetails } from '../../node-core/manager/networks/admin-types.ts'
import type { NetworkSummary } from '../../node-core/manager/types.ts'

/** Each network by its name, and all of them at once. */
export function everyNetwork({ dashboard, nodeActions, navigation }: CommandTargets): Command[] {
  const { list, selected } = dashboard.networks
  const canStart = ({ status }: NetworkSummary): boolean => status.state === 'stopped' || status.state === 'failed'
  const canStop = ({ status }: NetworkSummary): boolean => status.state === 'running' || status.state === 'starting'
  const { overviewAll: t } = m
  if (list.length < 2) return []
  return [
    { id: 'all-networks', name: t.allNetworks, run: () => navigation.showAll() },
    ...list.filter(({ id }) => id !== selected?.id).flatMap((network): Command[] => [
      ...(canStart(network) ? [{ id: `start-${network.id}`, name: t.start(network.name), run: () => void nodeActions.runOn('start', network.id) }] : []),
      ...(canStop(network) ? [{ id: `stop-${network.id}`, name: t.stop(network.name), run: () => void nodeActions.runOn('stop', network.id) }] : []),
      ...(network.status.state === 'running' ? [{ id: `restart-${network.id}`, name: t.restart(network.name), run: () => void nodeActions.runOn('restart', network.id) }] : []),
    ]),
    ...(list.some(canStart) ? [{ id: 'start-all', name: t.startAll, run: () => void nodeActions.runAll('start', list.filter(canStart)) }] : []),
    ...(list.some(canStop) ? [{ id: 'stop-all', name: t.stopAll, run: () => void nodeActions.runAll('stop', list.filter(canStop)) }] : []),
  ]
}

/** What can be copied of the network on screen, as far as it is known. */
export function copies({ dashboard, client }: CommandTargets): Command[] {
  const { selected } = dashboard.networks
  if (selected === undefined) return []
  const { actions } = m.overviewAll
  const { status, id: network } = selected
  const copy = (id: string, name: string, value: string | undefined): Command[] =>
    value === undefined ? [] : [{ id, name, run: () => void dashboard.attempt(() => copyText(value)) }]
  const identity = async () => (await client.keys.state.query({ network })).identity
  const ofIdentity = (id: string, name: string, pick: (known: Awaited<ReturnType<typeof identity>>) => string | undefined): Command => ({
    id, name, run: () => void dashboard.attempt(async () => copyText(pick(await identity()) ?? '')),
  })
  const hasKeys = selected.screens.includes('keys')
  return [
    ...copy('copy-rpc', actions.copyRpc, status.details?.rpcAddress),
    ...(hasKeys ? [ofIdentity('copy-peer-id', actions.copyPeerId, ({ peerId }) => peerId)] : []),
    ...(hasKeys && status.state === 'running' ? [ofIdentity('copy-address', actions.copyAddress, ({ addresses }) => addresses[0])] : []),
    ...copy('copy-best', actions.copyBest, status.newest?.hash),
    ...copy('copy-finalized', actions.copyFinalized, status.settled?.hash),
    ...copy('copy-genesis', actions.copyGenesis, status.details?.genesisHash),
    ...copy('copy-folder', actions.copyFolder, status.dataPath),
  ]
}

/** What is done to the network on screen, and the way to one more. */
export function networkWork({ dashboard, navigation, client }: CommandTargets): Command[] {
  const { selected } = dashboard.networks
  const details = dashboard.profiles.of(selected?.id)
  const { actions } = m.overviewAll
  const network = selected?.id
  const isRunning = selected?.status.state === 'running'
  return [
    ...(isRunning
      ? [
          { id: 'connect', name: actions.connect, run: () => navigation.go('peers', { kind: 'connect' }) },
          { id: 'bans', name: actions.bans, run: () => navigation.go('peers', { kind: 'bans' }) },
        ]
      : []),
    ...(dashboard.profiles.editable ? [{ id: 'add-network', name: actions.addNetwork, run: () => navigation.go(navigation.current, { kind: 'add-network' }) }] : []),
    ...(network === undefined || details === undefined
      ? []
      : [
          { id: 'export', name: actions.exportNetwork, run: () => void dashboard.attempt(async () => exported(await client.networks.export.mutate({ network }))) },
          { id: 'duplicate', name: actions.duplicate, run: () => void dashboard.attempt(async () => dashboard.networks.select((await client.networks.duplicate.mutate({ network })).profile.id)) },
          { id: 'share', name: actions.share, run: () => navigation.go('settings', { kind: 'share' }) },
          ...(dashboard.app?.host === 'desktop' ? [{ id: 'open-folder', name: actions.openFolder, run: () => void dashboard.attempt(() => client.networks.openFolder.mutate({ network })) }] : []),
          autoStart(details, (settings) => dashboard.attempt(() => client.networks.update.mutate({ network, settings }))),
          { id: 'data', name: actions.data, run: () => navigation.go('settings', { kind: 'data' }) },
        ]),
    ...(network !== undefined && details?.development === true
      ? [
          { id: 'reset', name: m.developer.reset, run: () => navigation.go('overview', { kind: 'reset' }) },
          ...(isRunning && dashboard.app?.host === 'desktop' ? [{ id: 'polkadot-js', name: m.developer.openApps, run: () => void dashboard.attempt(() => client.development.openApps.mutate({ network })) }] : []),
          ...(isRunning && details.profile.settings.sealing === 'slots'
            ? [{ id: 'second-node', name: m.developer.secondNode, run: () => void dashboard.attempt(async () => dashboard.networks.select((await client.development.secondNode.mutate({ network })).profile.id)) }]
            : []),
        ]
      : []),
  ]
}

/** What a box says in the menu: the other of the two. */
function autoStart({ profile: { settings } }: NetworkDetails, change: (settings: NetworkDetails['profile']['settings']) => Promise<void>): Command {
  const { autoStart: texts } = m.overviewAll.actions
  return { id: 'auto-start', name: settings.autoStart ? texts.off : texts.on, run: () => void change({ ...settings, autoStart: !settings.autoStart }) }
}

function exported({ fileName, text }: { readonly fileName: string; readonly text: string }): void {
  saveFile(fileName, new Blob([text], { type: 'application/json' }))
}
