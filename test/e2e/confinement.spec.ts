/**
 * The rest of Electron's security checklist on the packaged app as it runs: where the page goes, what it opens, and whom the
 * main process listens to.
 */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { windowCount } from './fixtures/app-window.ts'
import { expect, test } from './fixtures/packaged-app.ts'
import { ROOT } from '../../build/terminal.ts'

test('11. Do not use allowpopups for WebViews: our page knows no webview', async ({ packaged: { page, electron } }) => {
  const before = await electron.evaluate(({ webContents }) => webContents.getAllWebContents().length)
  const made = await page.evaluate(() => {
    const view = document.createElement('webview')
    for (const [name, value] of [['allowpopups', ''], ['nodeintegration', ''], ['src', 'data:text/html,<title>view</title>']] as const) view.setAttribute(name, value)
    document.body.append(view)
    return [view.constructor.name, 'loadURL' in view]
  })
  expect(made).toEqual(['HTMLElement', false])
  expect(await electron.evaluate(({ webContents }) => webContents.getAllWebContents().length)).toBe(before)
  await page.evaluate(() => document.querySelector('webview')?.remove())
  expect(await readFile(join(ROOT, 'renderer', 'App.svelte'), 'utf8')).not.toContain('<webview')
})

test('12. Verify WebView options before creation: none comes to be where a window allows them', async ({ packaged: { electron } }) => {
  const counts = await electron.evaluate(async ({ BrowserWindow, webContents }) => {
    const window = new BrowserWindow({ show: false, webPreferences: { webviewTag: true } })
    await window.loadURL('data:text/html,<title>host</title>')
    const before = webContents.getAllWebContents().length
    const known: unknown = await window.webContents.executeJavaScript(`
      const view = Object.assign(document.createElement('webview'), { src: 'data:text/html,<title>view</title>' })
      view.setAttribute('nodeintegration', '')
      document.body.append(view)
      new Promise((resolve) => setTimeout(resolve, 300)).then(() => 'loadURL' in view)`)
    const after = webContents.getAllWebContents().length
    window.destroy()
    return { known, more: after - before }
  })
  expect(counts).toEqual({ known: true, more: 0 })
})

test('13. Disable or limit navigation: the page stays where it is, and gets no frames', async ({ packaged: { electron } }) => {
  // Asked of the main process: Playwright would wait for a navigation that never comes.
  const after: unknown = await electron.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    await contents?.executeJavaScript(`(async () => {
      document.body.dataset.stayed = 'yes'
      for (const url of ['https://example.org/', 'http://127.0.0.1:9/', 'file:///etc/hostname', 'app://evil/', 'data:text/html,x', 'blob:app://nodestead/x', 'javascript:document.body.remove()', 'mailto:a@example.org']) {
        for (const go of [() => location.assign(url), () => open(url, '_self'), () => Object.assign(document.createElement('a'), { href: url }).click(), () => document.body.append(Object.assign(document.createElement('iframe'), { src: url }))]) {
          try { go() } catch {}
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
      }
      document.body.append(Object.assign(document.createElement('iframe'), { src: 'app://nodestead/' }))
      const form = document.body.appendChild(Object.assign(document.createElement('form'), { action: 'https://example.org/', method: 'post' }))
      form.submit()
      form.remove()
      document.head.append(Object.assign(document.createElement('meta'), { httpEquiv: 'refresh', content: '0; url=https://example.org/' }))
      await new Promise((resolve) => setTimeout(resolve, 200))
    })()`, true)
    const frames = contents?.mainFrame.frames ?? []
    const look = (): Promise<unknown[]> => Promise.all(frames.map((frame) => frame.executeJavaScript('location.href')))
    // What the policy refuses becomes a page that says so, in its own time.
    let places = await look()
    for (let i = 0; i < 100 && !places.includes('chrome-error://chromewebdata/'); i++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      places = await look()
    }
    const stayed: unknown = await contents?.executeJavaScript('for (const frame of document.querySelectorAll("iframe")) frame.remove(); document.body.dataset.stayed')
    const drawn: unknown = await contents?.executeJavaScript(`document.querySelector('[data-testid="sentence"]') !== null`)
    return { url: contents?.getURL(), stayed, drawn, frames: frames.length, places: [...new Set(places)].sort() }
  })
  expect(after).toEqual({ url: 'app://nodestead/', stayed: 'yes', drawn: true, frames: 9, places: ['about:blank', 'chrome-error://chromewebdata/'] })
})

test('14. Disable or limit creation of new windows: none opens', async ({ packaged: { electron } }) => {
  const opened: unknown = await electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(`(async () => {
      const opened = ['about:blank', 'app://nodestead/', 'https://example.org/', 'data:text/html,x', ''].map((url) => open(url) ?? 'null')
      for (const href of ['app://nodestead/', 'https://example.org/']) {
        const link = Object.assign(document.createElement('a'), { href, target: '_blank' })
        for (const keys of [{}, { shiftKey: true }, { ctrlKey: true }, { button: 1 }]) link.dispatchEvent(new MouseEvent('click', { bubbles: true, ...keys }))
      }
      await new Promise((resolve) => setTimeout(resolve, 200))
      return opened
    })()`, true),
  )
  expect(opened).toEqual(['null', 'null', 'null', 'null', 'null'])
  expect(await windowCount(electron)).toBe(1)
})

test('15. Do not use shell.openExternal with untrusted content: a click on any address opens nothing', async ({ packaged: { electron, opened } }) => {
  const called: unknown = await electron.evaluate(async ({ BrowserWindow, shell }) => {
    const called: string[] = []
    const { openExternal, openPath } = shell
    Object.assign(shell, { openExternal: async (url: string) => void called.push(url), openPath: async (path: string) => (called.push(path), '') })
    const clicked: unknown = await BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(`(async () => {
      const urls = ['https://example.org/', 'mailto:a@example.org', 'file:///etc/hostname', 'smb://example.org/x', 'ms-msdt:/id', 'nodestead://open/logs', 'vscode://file/etc', 'tel:1']
      for (const target of ['_self', '_blank']) for (const href of urls) {
        const link = document.body.appendChild(Object.assign(document.createElement('a'), { href, target }))
        link.click()
        link.remove()
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      document.querySelector('nav button:last-of-type')?.click()
      const about = [...document.querySelectorAll('nav button')].find((button) => button.textContent.trim().startsWith('About'))
      about.click()
      const shown = () => [...document.querySelectorAll('main button, main a')].filter((element) => /https:/.test(element.textContent))
      for (let i = 0; i < 1000 && shown().length < 3; i++) await new Promise((resolve) => setTimeout(resolve, 10))
      const addresses = shown()
      for (const address of addresses) address.click()
      await new Promise((resolve) => setTimeout(resolve, 300))
      return addresses.length
    })()`, true)
    Object.assign(shell, { openExternal, openPath })
    return { called, clicked }
  })
  expect(called).toEqual({ called: [], clicked: 3 })
  expect(await opened()).toBe('')
})

test('15. Do not use shell.openExternal with untrusted content: the sources hand it addresses that are written there, and a port', async () => {
  const sources = await Promise.all((await readdir(join(ROOT, 'electron'), { recursive: true })).filter((name) => name.endsWith('.ts')).map(async (name) => [name, await readFile(join(ROOT, 'electron', name), 'utf8')] as const))
  expect(sources.filter(([, text]) => /\bshell\b\s*[.,}]/.test(text)).map(([name]) => name)).toEqual(['file-dialogs.ts', 'manager.ts', 'run.ts'])
  // No address is opened there, and a path only where it is a folder (folder-door.ts).
  const dialogs = sources.find(([name]) => name === 'file-dialogs.ts')?.[1] ?? ''
  expect(dialogs.match(/\bshell\.\w+\([^)]*\)/g)).toEqual(['shell.openPath(path)'])
  expect(dialogs).toContain('folderDoor((path) => shell.openPath(path))')
  const timeSettings = sources.find(([name]) => name === 'time-settings.ts')?.[1] ?? ''
  expect(timeSettings.match(/openExternal\([^)]*\)/g)).toEqual(['openExternal(address)'])
  expect(timeSettings).toContain('const address = ADDRESSES[platform]')
  const door = sources.find(([name]) => name === 'browser-door.ts')?.[1] ?? ''
  expect(door.match(/openExternal\([^)]*\)/g)).toEqual(['openExternal(address)'])
  expect(door).toContain('const address = polkadotAppsUrl(rpcAddress)')
})

test('17. Validate the sender of all IPC messages: frames, other pages and other origins get no answer', async ({ packaged: { electron, preload } }) => {
  const replies: unknown = await electron.evaluate(async ({ BrowserWindow, session }, script) => {
    const foreign = session.fromPartition('foreign')
    // A page under our own address that lets frames in: only where its main frame speaks is it ours.
    foreign.protocol.handle('app', () => new Response('<title>x</title>', { headers: { 'Content-Type': 'text/html' } }))
    const ask = `nodestead.request('{"kind":"query","path":"app.info"}').then((reply) => JSON.parse(reply).error?.data.problem.code ?? 'answered')`
    const open = async (url: string) => {
      const window = new BrowserWindow({ show: false, webPreferences: { preload: script, session: foreign, nodeIntegrationInSubFrames: true } })
      await window.loadURL(url)
      return window
    }
    const replies: Record<string, unknown> = {}
    for (const url of ['app://nodestead/', 'app://nodestead.evil/', 'app://evil/', 'data:text/html,x', 'about:blank']) {
      const window = await open(url)
      replies[url] = await window.webContents.executeJavaScript(ask).catch((error: Error) => error.message)
      window.destroy()
    }
    const host = await open('app://nodestead/')
    // The page's own frames are stopped before they load; this is about what answers them if they were not.
    host.webContents.removeAllListeners('will-frame-navigate')
    const frames = { own: "src = '/sub'", sandboxed: "sandbox = 'allow-scripts'; frame.src = '/sub'", data: "src = 'data:text/html,x'", blob: "src = URL.createObjectURL(new Blob(['x'], { type: 'text/html' }))", text: "srcdoc = '<title>x</title>'" }
    for (const [name, how] of Object.entries(frames)) {
      await host.webContents.executeJavaScript(`new Promise((resolve) => { const frame = document.createElement('iframe'); frame.name = '${name}'; frame.${how}; frame.onload = () => resolve(1); document.body.append(frame) })`)
    }
    for (const frame of host.webContents.mainFrame.frames) replies[frame.name] = await frame.executeJavaScript(ask)
    host.destroy()
    return replies
  }, preload)
  const refused = 'IPC_FOREIGN_SENDER'
  expect(replies).toEqual({
    'app://nodestead/': 'answered', 'app://nodestead.evil/': refused, 'app://evil/': refused, 'data:text/html,x': refused, 'about:blank': refused,
    own: refused, sandboxed: refused, data: refused, blob: refused, text: refused,
  })
})

test('17. Validate the sender of all IPC messages: there is one channel, and nonsense on it is refused with a typed error', async ({ packaged: { page, electron } }) => {
  const channels = await electron.evaluate(({ ipcMain }) => ({
    listened: ipcMain.eventNames().filter((name) => name !== 'error'),
    handled: [...(ipcMain as unknown as { _invokeHandlers: Map<string, unknown> })._invokeHandlers.keys()],
  }))
  expect(channels).toEqual({ listened: [], handled: ['nodestead:api'] })
  const replies = await page.evaluate(() => {
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

test('18. Avoid usage of the file:// protocol: the page has a scheme of its own, which serves its own files alone', async ({ packaged: { page, electron } }) => {
  expect(await page.evaluate(() => location.origin)).toBe('app://nodestead')
  const statuses = await electron.evaluate(async ({ session, net }) => {
    const urls = ['app://nodestead/index.html', 'app://nodestead/../main/main.js', 'app://nodestead/%2e%2e/main/main.js', 'app://nodestead/..%5cmain%5cmain.js', 'app://nodestead//etc/hostname', 'app://nodestead/%00', 'app://evil/', 'app://nodestead/main/main.js']
    const got = await Promise.all(urls.map((url) => session.defaultSession.fetch(url).then(({ status }) => status)))
    const posted = await net.fetch('app://nodestead/', { method: 'POST', body: 'x' })
    return [...got, posted.status]
  })
  expect(statuses).toEqual([200, 404, 404, 404, 404, 404, 404, 404, 404])
})

test('20. Do not expose Electron APIs to untrusted web content: two functions that carry text', async ({ packaged: { page, electron } }) => {
  const added: unknown = await electron.evaluate(async ({ BrowserWindow }) => {
    const globals = 'Object.getOwnPropertyNames(globalThis)'
    const bare = new BrowserWindow({ show: false })
    await bare.loadURL('app://nodestead/index.html')
    const without = (await bare.webContents.executeJavaScript(globals)) as string[]
    const all = (await BrowserWindow.getAllWindows().find((window) => window !== bare)?.webContents.executeJavaScript(globals)) as string[]
    bare.destroy()
    return all.filter((name) => !without.includes(name) && !/^(__|pages$|ran$)/.test(name))
  })
  expect(added).toEqual(['nodestead'])
  const bridge = await page.evaluate(async () => {
    const { nodestead } = globalThis as unknown as { nodestead: { request(message: string): Promise<unknown>; onEvent(listener: (...given: unknown[]) => void): () => void } }
    const heard: unknown[][] = []
    const off = nodestead.onEvent((...given) => heard.push(given))
    const reply = await nodestead.request('{"kind":"subscribe","id":77,"path":"networks.watch"}')
    for (let i = 0; i < 1000 && heard.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 10))
    await nodestead.request('{"kind":"unsubscribe","id":77}')
    off()
    return {
      members: Object.entries(nodestead).map(([name, value]) => `${name}: ${typeof value}`).sort(),
      frozen: Object.isFrozen(nodestead) || !Reflect.set(nodestead, 'request', () => undefined),
      given: [...new Set([[reply], ...heard].map((values) => values.map((value) => typeof value).join()))],
      heard: heard.length > 0,
    }
  })
  expect(bridge).toEqual({ members: ['onEvent: function', 'pathOf: function', 'request: function'], frozen: true, given: ['string'], heard: true })
})

test('a packaged app has no tools for developers', async ({ packaged: { electron } }) => {
  const found = await electron.evaluate(async ({ BrowserWindow, Menu }) => {
    const [window] = BrowserWindow.getAllWindows()
    window?.webContents.openDevTools()
    // They take their time to open: those of a window that may have them, asked for later, tell when it is over.
    const other = new BrowserWindow({ show: false })
    await other.loadURL('data:text/html,<title>other</title>')
    const opened = new Promise<void>((resolve) => other.webContents.once('devtools-opened', resolve))
    other.webContents.openDevTools({ mode: 'detach', activate: false })
    await opened
    const roles = (Menu.getApplicationMenu()?.items ?? []).flatMap(({ submenu }) => submenu?.items.map(({ role }) => role) ?? [])
    const found = { opened: window?.webContents.isDevToolsOpened(), roles: roles.filter((role) => /reload|devtools/i.test(role ?? '')) }
    other.destroy()
    return found
  })
  expect(found).toEqual({ opened: false, roles: [] })
})
