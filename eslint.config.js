import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const clock = 'The clock is an argument (platform/clock), so that tests decide the time.';
const edge = 'Only src-node/bin.ts touches the process; streams and environment are passed in.';

const restricted = [
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: clock },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: clock },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'Randomness is an argument (platform/random).',
  },
];

export default tseslint.config(
  { ignores: ['dist/**', 'dist.*/**', 'node_modules/**', 'test/fixtures/**'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './tsconfig.lua.json', './test/lua/declarations/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/strict-boolean-expressions': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src-node/**/*.ts', 'src-lua/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 45, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['src-node/**/*.ts'],
    ignores: ['src-node/platform/**', 'src-node/bin.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...restricted],
      'no-restricted-globals': [
        'error',
        { name: 'process', message: edge },
        { name: 'console', message: edge },
        { name: 'setTimeout', message: clock },
        { name: 'setInterval', message: clock },
      ],
    },
  },
  {
    files: ['src-lua/**/*.ts'],
    rules: {
      // Lua has no Number(), and a Lua table length is not a JavaScript one: these two rules assume JavaScript at run time.
      '@typescript-eslint/prefer-string-starts-ends-with': 'off',
      '@typescript-eslint/prefer-regexp-exec': 'off',
    },
  },
  { files: ['**/*.d.ts'], rules: { 'max-lines': 'off' } },
  { files: ['**/*.js', '**/*.cjs'], ...tseslint.configs.disableTypeChecked },
  { files: ['**/*.cjs'], languageOptions: { globals: { module: 'writable' } } },
);
