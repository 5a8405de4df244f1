/**
 * Lint rules for what Svelte compiles, which oxlint (.oxlintrc.json) does not know. Everything else is checked there, with the
 * compiler's types and twenty times as fast.
 */
import { defineConfig } from 'eslint/config'
import svelte from 'eslint-plugin-svelte'
import * as parser from '@typescript-eslint/parser'

export default defineConfig(svelte.configs['flat/recommended'], {
  files: ['**/*.svelte', '**/*.svelte.ts'],
  languageOptions: { parserOptions: { parser } },
  linterOptions: { reportUnusedDisableDirectives: 'error' },
  rules: {
    // svelte-check tells of these, with the compiler's own eyes.
    'svelte/no-unused-svelte-ignore': 'off',
    // A space at the end of a block is written like this, or it is lost.
    'svelte/no-useless-mustaches': 'off',
  },
})
