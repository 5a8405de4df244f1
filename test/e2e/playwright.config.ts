/**
 * End-to-end tests: the desktop app in a real Electron and the dashboard in Chromium. Needs a display
 * (`xvfb-run -a` gives one), an Electron (build/electron-dist.ts) and a Chromium (build/system-deps.ts).
 */
import { join } from 'node:path'
import { defineConfig } from '@playwright/test'
import { findChromium } from '../../build/system-deps.ts'
import { ROOT } from '../../build/terminal.ts'

const executablePath = findChromium()

export default defineConfig({
  testDir: join(ROOT, 'test/e2e'),
  outputDir: join(ROOT, 'test-results/playwright'),
  globalSetup: join(ROOT, 'test/e2e/fixtures/global-setup.ts'),
  // Two cores: an Electron with a node in it wants both.
  workers: 1,
  fullyParallel: false,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    trace: 'retain-on-failure',
    launchOptions: {
      ...(executablePath === undefined ? {} : { executablePath }),
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
})
