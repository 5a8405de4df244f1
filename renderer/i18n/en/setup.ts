/** The guide of the first run. */
import { formatBytes, formatCount, formatNumber } from '../../text/format.ts'

export const setup = {
  title: 'Setting up Nodestead',
  progress: (step: number, all: number) => `Step ${step} of ${all}`,
  again: 'Run the guide again',
  next: 'Next',
  back: 'Back',
  close: 'Close the guide',
  skip: 'Start with a development network',
  finish: 'Set up and start',
  finishing: 'Setting up…',
  development: 'Local development',
  unnamed: 'The private network',
  fromFile: 'The network from the file',
  titles: {
    welcome: 'Welcome to Nodestead',
    network: 'Which network?',
    folder: 'Where do the data go?',
    role: 'What is this node to do?',
    ports: 'Can others reach it?',
    start: 'When does it start?',
    done: 'Ready to begin',
  },
  missing: {
    name: 'Give the private network a name: everybody who joins will see it.',
    authority: 'Choose at least one account that makes blocks, or paste keys.',
    lists: 'One of the lists below cannot be read; the line is named beneath it.',
    more: 'One of the further choices below cannot be; what is wrong stands beneath it.',
    spec: 'Choose a file or paste a link; it is read before you go on.',
  },
  sentences: {
    welcome: 'In seven short steps this computer gets a node of its own; nothing but keys is written before the last one.',
    goOn: (name: string) => `${name} was added when its keys were made and is kept as it is; the rest is set up with the last step.`,
    added: (name: string) => `${name} was added when its keys were made, so its network and its folder are settled.`,
    development: (disk: number, memory: number) => `A development network is ready at once and asks for little: ${formatBytes(disk)} of disk, ${formatBytes(memory)} of memory.`,
    private: (name: string, authorities: number) => `${name} begins with ${formatCount(authorities, 'account that makes', 'accounts that make')} its blocks, and its genesis is like no other.`,
    spec: (name: string) => `${name} can be joined; how much room and time it takes, the file does not say.`,
    public: (name: string, from: number, to: number, disk: number) =>
      `${name} takes ${formatNumber(from)} to ${formatNumber(to)} days to catch up, and about ${formatBytes(disk)} of disk.`,
    lookingAtFolder: 'Looking at the folder.',
    roomUnknown: 'The folder can be used; how much room there is cannot be told.',
    roomFor: (free: number) => `${formatBytes(free)} are free there.`,
    room: (free: number, name: string, needed: number) => `${formatBytes(free)} are free there, and ${name} needs about ${formatBytes(needed)}.`,
    roomShort: (free: number, name: string, needed: number) =>
      `Only ${formatBytes(free)} are free there, and ${name} needs about ${formatBytes(needed)}: it will not get to the end of the chain.`,
    full: (name: string) => `A full node of ${name} checks every block itself, and holds no keys.`,
    nobodyMakesBlocks: 'A full node alone makes no blocks: this development network would stand still at block 0.',
    account: (account: string) => `This node makes blocks with the keys of ${name(account)}, which everybody knows: good for trying out, and for nothing of value.`,
    noKeysYet: 'Until it has keys of your own, this node follows the chain and signs nothing.',
    ownKeys: (count: number) => `${formatCount(count, 'session key')} of your own can sign, once the chain has chosen them.`,
    noPort: 'A port is a number from 1 to 65534.',
    lookingAtPort: (port: number) => `Looking whether port ${port} is free.`,
    portNotFree: {
      taken: (port: number) => `Another program has port ${port} or ${port + 1} now.`,
      denied: (port: number) => `The system lets only an administrator listen on port ${port}.`,
    },
    portOfNetwork: (port: number, network: string) => `${network} is set to port ${port} or the one beside it.`,
    portsFree: (port: number) => `Ports ${port} and ${port + 1} are free on this computer, and the router is left alone.`,
    portsAsked: (port: number) => `Ports ${port} and ${port + 1} are free on this computer; whether the router opens them shows once the node runs.`,
    start: (login: boolean, auto: boolean): string =>
      login
        ? auto
          ? 'Nodestead opens when you log in, and this node starts with it.'
          : 'Nodestead opens when you log in; the node waits until you press Start.'
        : auto
          ? 'Whenever you open Nodestead, this node starts with it.'
          : 'After today nothing starts by itself: you open Nodestead and press Start.',
    done: (name: string) => `${name} will be set up as below, and its node started now.`,
  },
  welcome: {
    what: 'A node is a program that keeps a copy of a blockchain and checks every block of it by itself. With it you need to trust nobody else’s.',
    points: [
      'You choose a network, a folder and what the node does. Everything can be changed later in Settings.',
      'If you make keys on the way, they are kept at once, and you are told so before.',
      'A node that runs goes on when you close the window. It stops when you stop it or quit the app.',
    ],
    language: 'Language',
  },
  network: {
    choices: 'Network',
    dev: 'Development',
    devText: 'A network of one, on this computer alone. Blocks every few seconds; begin again whenever you like.',
    private: 'Build a private network',
    publicText: (disk: number, memory: number, from: number, to: number) =>
      `About ${formatBytes(disk)} of disk, ${formatBytes(memory)} of memory, ${formatNumber(from)} to ${formatNumber(to)} days until it has caught up.`,
    publicTruth: 'Public networks: this node executes every block from the first one on; a short cut (warp sync) is not there yet. The figures are estimates.',
  },
  folder: {
    own: (path: string) => `Left empty: a folder of its own in ${path}`,
    present: (path: string) => `Left empty, they stay at ${path}`,
    label: 'Data folder',
    what: 'The whole chain goes here, and keys if there are any. The folder must be empty or new, on a disk that is always connected; a network drive is too slow.',
    moved: 'What is there already is copied, compared and only then deleted.',
  },
  role: {
    choices: 'Role',
    full: 'Full node',
    fullText: 'Checks every block, serves wallets on this computer. Holds no keys, risks nothing, and may be off when you like.',
    validator: 'Validator',
    validatorText: 'Makes blocks and votes, too. It signs with keys, and others count on it: it should run always.',
    publicTruth:
      'On a public network a validator needs a bonded account that is elected, on a node that has caught up, and mistakes cost money. Begin with a full node.',
    keys: 'Keys',
    development: (account: string) => `Development keys of ${name(account)}`,
    own: 'Keys of my own',
    ownText: 'Your keys sign once the chain has chosen them: your account sets them by the transaction session.setKeys.',
    addFirst: 'Keys lie encrypted in the folder of their network. So the network is added when you make them, before the last step; its network and folder cannot be changed in this guide then.',
    make: 'Make keys',
    makeMore: 'Make more keys',
    later: 'You can also make them later, on the screen Keys.',
    kept: (count: number) => `${formatCount(count, 'session key')} kept, encrypted under your passphrase.`,
  },
  ports: {
    port: 'Port for peers',
    portHelp: 'Peers come by TCP on this port, and by WebSocket on the next one.',
    use: (port: number) => `Use ${port}, which is free`,
    upnp: 'Ask the router to open them (UPnP)',
    upnpDoes: 'It asks your router to pass these two ports on to this computer, so that peers outside can call this node. The request is renewed while the node runs and taken back when it stops; after a crash it ends within an hour.',
    upnpDoesNot: 'It does not help where the router refuses, or sits behind another one (at many providers). The Overview then says so, and how to open the port by hand.',
    without: 'Without it the node works as well: it calls others, and only those who would call first do not get through.',
    local: 'The ports for wallets and for metrics stay on this computer, whatever you choose here.',
    devTruth: 'A development network has nobody outside: nothing needs to be opened for it.',
  },
  start: {
    login: 'Open Nodestead when I log in',
    loginHelp: 'In the tray, without its window. It can be changed in Settings at any time.',
    noLogin: 'On this system Nodestead cannot have itself opened at login.',
    auto: 'Start this node when Nodestead opens',
    autoHelp: 'Without it, you press Start.',
    tray: 'Closing the window lets the node run on; Quit in the tray or in the menu ends it. A computer that sleeps runs no node: it catches up after waking.',
  },
  done: {
    network: 'Network',
    folder: 'Data',
    ownFolder: 'a folder of the app',
    role: 'Role',
    keys: 'Keys',
    noKeys: 'none',
    ports: 'Ports for peers',
    portsText: (port: number, upnp: boolean) => `${port} and ${port + 1}, ${upnp ? 'the router is asked' : 'the router is not asked'}`,
    starts: 'Starts',
    startsNow: 'now',
    startsWithApp: 'now, and with the app',
    login: 'At login',
    loginYes: 'Nodestead opens',
    loginNo: 'nothing opens',
    moving: 'Moving the data to the new folder.',
  },
}

function name(account: string): string {
  return account.charAt(0).toUpperCase() + account.slice(1)
}
