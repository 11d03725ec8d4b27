/** test/browser/restart.test.ts behind the webserver of an App Platform. */
process.env['TEST_HOST'] = 'app-platform'
await import('../browser/restart.test.ts')
