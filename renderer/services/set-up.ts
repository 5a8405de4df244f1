/** Puts the answers of the guide into effect: the network is added or changed, settings are kept. Can be tried again after a failure. */
import { roleOf } from '../text/joining.ts'
import { privateChoices } from '../text/private-network.ts'
import { asksWho, isDevelopment, privateForm, readPort, roleAnswers, whoIn } from '../state/setup-guide.ts'
import type { Setup } from '../state/setup.svelte.ts'
import type { ApiClient } from '../trpc/client.ts'
import type { NetworkDetails } from '../../node-core/manager/networks/admin-types.ts'
import type { ProfileSettings } from '../../node-core/manager/kinds/table.ts'

const MOVE_LOOK_MS = 250

export interface SetUpTools {
  readonly client: ApiClient
  readonly setup: Setup
  /** What is known of a network that exists. */
  readonly details: (network: string) => NetworkDetails | undefined
}

/** Adds the network now, or names the one that is there: keys need its folder. From then on it is settled. */
export async function settleNetwork({ client, setup }: Pick<SetUpTools, 'client' | 'setup'>): Promise<string> {
  // Whom nobody chose is the one that was shown.
  if (asksWho(setup.guide, setup.facts)) setup.answer(roleAnswers(whoIn(setup.guide, setup.facts)))
  const network = setup.target ?? (await add(client, setup)).profile.id
  setup.send({ type: 'added', network })
  const { way, folder, authorities, role, keys } = setup.answers
  await client.setup.settle.mutate({ network, way, folder: folder.trim(), authorities: [...authorities], role, keys })
  return network
}

/** Resolves with the network whose node is to be started. `onMoving` hears that data are being moved, which may take a while. */
export async function applyAnswers(tools: SetUpTools, onMoving: () => void): Promise<string> {
  const { client, setup, details } = tools
  const { answers, facts } = setup
  const folder = answers.folder.trim()
  const before = setup.targetFolder
  const network = await settleNetwork(tools)
  if (before !== undefined && folder !== '' && folder !== before) {
    onMoving()
    await client.node.stop.mutate({ network })
    await moveData(client, network, folder)
  }
  const settings = details(network)?.profile.settings ?? (await settingsOf(client, network))
  await client.networks.update.mutate({ network, settings: changed(settings, setup) })
  if (facts.canLaunchAtLogin) await client.settings.update.mutate({ launchAtLogin: answers.launchAtLogin })
  await client.setup.complete.mutate()
  return network
}

function changed(settings: ProfileSettings, { answers, facts }: Setup): ProfileSettings {
  const { role, keys, autoStart, upnp } = answers
  return {
    ...settings,
    role,
    account: role === 'validator' && keys !== 'own' && isDevelopment(answers, facts) ? keys : 'none',
    autoStart,
    network: { ...settings.network, port: readPort(answers.port) ?? settings.network.port, upnp },
  }
}

function add(client: ApiClient, setup: Setup): Promise<NetworkDetails> {
  const { answers, guide, facts } = setup
  const folder = answers.folder.trim() === '' ? {} : { folder: answers.folder.trim() }
  const role = asksWho(guide, facts) ? roleOf(whoIn(guide, facts), setup.passphrase) : {}
  if (answers.way === 'spec') return client.networks.add.mutate({ chain: { specPath: answers.specPath.trim() }, ...folder, ...role })
  if (answers.way === 'dev' || answers.way === 'public') {
    return client.networks.add.mutate({ chain: { known: answers.way === 'dev' ? 'dev' : answers.chain }, ...folder })
  }
  const choices = privateChoices(privateForm(guide, facts))
  if (choices === undefined) throw new Error('what was answered cannot be read')
  return client.networks.buildPrivate.mutate({ choices, ...folder, ...role })
}

/** The list of profiles may not have told of it yet: its first answer holds all of them. */
function settingsOf(client: ApiClient, network: string): Promise<ProfileSettings> {
  return new Promise((resolve, reject) => {
    const subscription = client.networks.profiles.subscribe(undefined, {
      onData: ({ profiles }) => {
        const found = profiles.find(({ profile }) => profile.id === network)
        if (found === undefined) return
        subscription.unsubscribe()
        resolve(found.profile.settings)
      },
      onError: reject,
    })
  })
}

async function moveData(client: ApiClient, network: string, to: string): Promise<void> {
  await client.networks.move.mutate({ network, to })
  for (;;) {
    const move = await client.networks.moveStatus.query({ network })
    if (move === undefined || move.state === 'done') return
    if (move.state !== 'moving') throw Object.assign(new Error(move.state), { data: { problem: move.problem } })
    await new Promise((resolve) => setTimeout(resolve, MOVE_LOOK_MS))
  }
}
