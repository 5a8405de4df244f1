/**
 * The dashboard of a node from the command line beside the window of the desktop app: both show the same screens, cards, settings and actions,
 * but for what the table below names, with the reason. What appears on one side only and is not in it, and what is in it and not so, fails.
 */
import { chromium, type Locator, type Page } from '@playwright/test'
import { expect, test } from './fixtures/desktop.ts'
import { startHeadless } from './fixtures/headless-node.ts'
import { CATALOGS } from './fixtures/words.ts'
import { SCREENS } from '../../renderer/text/screens.ts'

const { en } = CATALOGS
const FLAGS_DECIDE = 'the flags decide: they are shown, and “On the node’s computer” says how to change them'
const ONE_NETWORK = 'a node from the command line has one network: “On the node’s computer” says how another is run'
const BY_BROWSER = 'the browser keeps it'
const THERE = 'a terminal on the node’s computer does it: “On the node’s computer” has the command'

const GATEWAY = 'before a headless node the gateway is a process of its own: nodestead gateway'

/** By place and name; the reason. */
const DESKTOP_ALONE: Readonly<Record<string, string>> = {
  'settings: card App': `${BY_BROWSER}, or ${THERE}`,
  'settings: card Gateway': GATEWAY,
  'settings: button Create API key…': GATEWAY,
  'settings: button Choose file: Certificate': GATEWAY,
  'settings: button Choose file: Key of the certificate': GATEWAY,
  'settings: card This network': FLAGS_DECIDE,
  'settings: card Chain data': FLAGS_DECIDE,
  'settings: card Reachability': FLAGS_DECIDE,
  'settings: card Peers': FLAGS_DECIDE,
  'settings: card Wallets and apps': FLAGS_DECIDE,
  'settings: card Metrics for other programs': FLAGS_DECIDE,
  'settings: card Local programs': FLAGS_DECIDE,
  'settings: tab Settings': FLAGS_DECIDE,
  'settings: tab JSON': FLAGS_DECIDE,
  'settings: action Run the guide again': 'the guide of the command line asks on a terminal',
  'settings: button Open folder': 'a browser opens no folder: its path is shown, and copied by a click',
  'settings: button Move…': THERE,
  'settings: button Duplicate': ONE_NETWORK,
  'settings: button Share…': THERE,
  'settings: button Delete…': THERE,
  'overview: button Open in polkadot.js…': 'a link does it in a browser',
  'overview: button Add another node': ONE_NETWORK,
  'overview: button Reset the chain…': THERE,
  'palette: Add a network…': ONE_NETWORK,
  'palette: Export this network…': THERE,
  'palette: Duplicate this network': ONE_NETWORK,
  'palette: Share this network…': THERE,
  'palette: Open data folder': 'a browser opens no folder',
  'palette: Start this node with Nodestead': THERE,
  'palette: Show data of this network': 'its action leads to the form of the app; in a browser the tile “Disk” leads to the same card',
  'palette: Reset the chain…': THERE,
  'palette: Open in polkadot.js…': 'a link does it in a browser',
  'palette: Add another node': ONE_NETWORK,
  'palette: Manage another node…': 'a browser opens the address of another node by itself',
  'palette: Run the guide again': 'the guide of the command line asks on a terminal',
  'palette: Appearance: light': 'the browser’s own setting',
  'palette: Appearance: dark': 'the browser’s own setting',
  'palette: Quit Nodestead': THERE,
}
const BROWSER_ALONE: Readonly<Record<string, string>> = {
  'settings: card This browser': BY_BROWSER,
  'settings: card Flags': FLAGS_DECIDE,
  'settings: card On the node’s computer': THERE,
  'settings: button Sign out': 'the window of the app has no session',
  'palette: Sign out': 'the window of the app has no session',
}

const texts = async (found: Locator): Promise<string[]> => (await found.evaluateAll((all) => all.filter((each) => each.checkVisibility()).map((each) => each.getAttribute('aria-label') ?? each.textContent))).map((text) => text.replace(/\s+/g, ' ').trim())

/** What is the same at every time: no figures, nobody's name. */
const lasting = (name: string): string => name.replace(/\d[\d,.]*/g, '#')

async function seenOn(page: Page): Promise<Set<string>> {
  const seen = new Set<string>()
  const main = page.getByRole('main')
  for (const { id } of SCREENS) {
    await page.getByRole('navigation').getByRole('button', { name: new RegExp(`^${en.frame.titles[id]}`) }).click()
    await expect(page.getByRole('heading', { level: 1, name: en.frame.titles[id], exact: true })).toBeVisible()
    for (const ready of READY[id] ?? []) await expect(main.getByRole('region', { name: ready, exact: true })).toBeVisible()
    for (const card of await texts(main.locator('section[aria-label]'))) seen.add(lasting(`${id}: card ${card}`))
    for (const action of await texts(main.locator('header button'))) seen.add(lasting(`${id}: action ${action}`))
    for (const tab of await texts(main.getByRole('tab'))) seen.add(lasting(`${id}: tab ${tab}`))
    // The buttons of cards; not those of settings, of rows, nor what is copied.
    const buttons = main.locator('section[aria-label] button:not([data-setting] button, [role=row] button, [role=listbox] button, tr button, .font-mono, [role=switch], [role=note] button)')
    for (const button of await texts(buttons)) seen.add(lasting(`${id}: button ${button}`))
  }
  await page.keyboard.press('ControlOrMeta+K')
  const options = page.getByRole('dialog').getByRole('option')
  await expect(options.first()).toBeVisible()
  for (const command of await options.evaluateAll((all) => all.map((each) => (each.firstElementChild ?? each).textContent.trim()))) seen.add(`palette: ${command}`)
  await page.keyboard.press('Escape')
  return seen
}

/** Cards that come late: when they are there, the rest of their screen is. */
const READY: Partial<Record<(typeof SCREENS)[number]['id'], readonly string[]>> = {
  overview: [en.developer.title, 'Authorities', 'Validator record'],
  settings: [en.services.title, en.networks.data],
  keys: [en.keys.identity.title, en.keys.sessionTitle, en.keys.accountsTitle],
  sync: ['Progress', 'Recent events'],
  topics: [en.topics.table, en.topics.inspectorNone],
  blocks: ['Recent chain'],
  metrics: ['Bandwidth', 'Database'],
  about: [en.updates.title],
}

test('the same screens, cards and actions in the desktop app and in a browser', async ({ realDesktop }) => {
  test.setTimeout(180_000)
  const { page: desktop } = realDesktop
  const { child, url, ended } = startHeadless('--tmp')
  const { executablePath, args } = test.info().project.use.launchOptions ?? {}
  const chrome = await chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), ...(args === undefined ? {} : { args }) })
  try {
    const browser = await chrome.newPage({ viewport: { width: 1200, height: 800 } })
    await desktop.getByRole('button', { name: en.frame.actions.start, exact: true }).click()
    await browser.goto(await url)
    for (const page of [desktop, browser]) await expect(page.getByRole('button', { name: en.frame.actions.restart, exact: true })).toBeEnabled()
    const [here, there] = [await seenOn(desktop), await seenOn(browser)]
    const only = (one: Set<string>, other: Set<string>): string[] => [...one].filter((each) => !other.has(each)).sort()
    expect(here.size).toBeGreaterThan(60)
    expect({ desktop: only(here, there), browser: only(there, here) }).toEqual({ desktop: Object.keys(DESKTOP_ALONE).sort(), browser: Object.keys(BROWSER_ALONE).sort() })
  } finally {
    await chrome.close()
    child.kill('SIGINT')
    await ended
  }
})
