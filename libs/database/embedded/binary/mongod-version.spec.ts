import { checkMongod, judgeVersion } from './mongod-version.js';

describe('what a server binary answers', () => {
  it.each([
    ['db version v6.0.5\nBuild Info: {\n    "version": "6.0.5",\n}', '6.0.5'],
    ['db version v8.2.6\n', '8.2.6'],
    ['db version v7.0.14-8\n', '7.0.14'],
  ])('%j is a version', (answer, version) => {
    expect(judgeVersion(answer)).toEqual({ version });
  });

  it('of an old one is a problem', () => {
    expect(judgeVersion('db version v5.0.31\n')).toEqual({ problem: 'is MongoDB 5.0.31, older than 6.0' });
  });

  it('of another program is a problem', () => {
    expect(judgeVersion('v24.1.0\n')).toEqual({ problem: 'does not answer --version as a MongoDB server does' });
  });

  it('a file that is not there does not run', async () => {
    expect(await checkMongod('/nowhere/mongod')).toEqual({ problem: 'does not run: spawn /nowhere/mongod ENOENT' });
  });
});
