import { parentPort, workerData } from 'node:worker_threads';

import { MongoBinary } from 'mongodb-memory-server-core';

import type { OfficialBuildRequest } from './official-build.js';

const { directory, version } = workerData as OfficialBuildRequest;
parentPort?.postMessage(await MongoBinary.getPath({ downloadDir: directory, version, checkMD5: true }));
