/** What the window cannot do. */
import { join } from 'node:path'
import { FAKE_APP } from './fixtures/apps.ts'
import { expect, test } from './fixtures/desktop.ts'

test.use({ appFolder: FAKE_APP })

test('the page has no Node, one bridge, and its own origin', async ({ desktop }) => {
  const { page } = desktop
  await expect(page.getByTestId('sentence')).toBeVisible()
  const seen = await page.evaluate(() => ({
    process: typeof (globalThis as Record<string, unknown>)['process'],
    require: typeof (globalThis as Record<string, unknown>)['require'],
    bridge: Object.keys((globalThis as unknown as { nodestead: object }).nodestead).sort(),
    origin: location.origin,
  }))
  expect(seen).toEqual({ process: 'undefined', require: 'undefined', bridge: ['onEvent', 'request'], origin: 'app://nodestead' })
})

test('the window is sandboxed and isolated', async ({ desktop }) => {
  const preferences = await desktop.electron.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }
    const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } = contents.getLastWebPreferences()
    return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag: webviewTag ?? false }
  })
  expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true, webviewTag: false })
})

test('it opens no window, runs no inline script and reaches no network', async ({ desktop }) => {
  const { page, electron } = desktop
  expect(await page.evaluate(() => window.open('https://example.org/') === null)).toBe(true)
  expect(await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  const ran = await page.evaluate(() => {
    const script = document.createElement('script')
    try {
      script.text = 'globalThis.inlineRan = true'
      document.head.append(script)
    } catch {
      // Trusted types refuse it before the policy does.
    }
    return 'inlineRan' in globalThis
  })
  expect(ran).toBe(false)
  const reached = await page.evaluate(() => fetch('http://127.0.0.1:9/').then(() => 'reached', (error: Error) => error.message))
  expect(reached).toContain('Failed to fetch')
})

test('it goes nowhere', async ({ desktop }) => {
  // Asked of the main process: Playwright would wait for a navigation that never comes.
  const after = await desktop.electron.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    await contents?.executeJavaScript("location.href = 'https://example.org/'; document.body.dataset.stayed = 'yes'")
    await new Promise((resolve) => setTimeout(resolve, 300))
    const stayed: unknown = await contents?.executeJavaScript('document.body.dataset.stayed')
    return { url: contents?.getURL(), stayed }
  })
  expect(after).toEqual({ url: 'app://nodestead/', stayed: 'yes' })
})

test('permissions are denied', async ({ desktop }) => {
  const state = await desktop.page.evaluate(async () => {
    const media = await navigator.mediaDevices.getUserMedia({ audio: true }).then(() => 'granted', () => 'denied')
    const notifications = await Notification.requestPermission()
    return { media, notifications }
  })
  expect(state).toEqual({ media: 'denied', notifications: 'denied' })
})

test('a page that is not ours gets no answer from the bridge', async ({ desktop }) => {
  const { electron, appFolder } = { ...desktop, appFolder: FAKE_APP }
  const reply = await electron.evaluate(async ({ BrowserWindow }, preload) => {
    const window = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true, contextIsolation: true } })
    await window.loadURL('data:text/html,<title>foreign</title>')
    const answer: unknown = await window.webContents.executeJavaScript(`nodestead.request('{"kind":"query","path":"app.info"}').then(JSON.parse)`)
    window.destroy()
    return answer
  }, join(appFolder, 'preload/preload.cjs'))
  expect(reply).toMatchObject({ error: { data: { code: 'FORBIDDEN', problem: { code: 'IPC_FOREIGN_SENDER' } } } })
})

test('nonsense on the channel is refused with a typed error', async ({ desktop }) => {
  const replies = await desktop.page.evaluate(() => {
    const bridge = (globalThis as unknown as { nodestead: { request(message: unknown): Promise<string> } }).nodestead
    const ask = async (message: unknown): Promise<unknown> => JSON.parse(await bridge.request(message))
    return Promise.all([
      ask(undefined),
      ask({ kind: 'query', path: 'app.info' }),
      ask(JSON.stringify({ kind: 'query', path: '__proto__.constructor' })),
      ask(JSON.stringify({ kind: 'mutation', path: 'node.start', input: { network: '../../etc' } })),
      ask('x'.repeat(100_000)),
    ])
  })
  const codes = replies.map((reply) => (reply as { error: { data: { problem: { code: string } } } }).error.data.problem.code)
  expect(codes).toEqual(['IPC_BAD_MESSAGE', 'IPC_BAD_MESSAGE', 'IPC_BAD_MESSAGE', 'API_BAD_INPUT', 'IPC_TOO_LARGE'])
  expect(JSON.stringify(replies)).not.toContain(' at ')
})
