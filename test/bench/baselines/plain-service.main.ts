/**
 * Baseline (a): what a good plain Node service does. Objects from the driver, `JSON.stringify`, the same indexes; no
 * keys, no checks, no log.
 */
import fastify from 'fastify';
import { MongoClient } from 'mongodb';
import { COLLECTION, databaseUri, ORDER, PUBLIC_PARTS } from './jobs-query.ts';

const client = await MongoClient.connect(databaseUri());
const jobs = client.db().collection(COLLECTION);
const server = fastify();

server.get('/list', async (_request, reply) => {
  const found = await jobs.find({}, { projection: PUBLIC_PARTS }).sort(ORDER).toArray();
  return reply.type('application/json').send(JSON.stringify(found));
});

server.get<{ Querystring: { job_id: string; cluster_name: string } }>('/one', ({ query }) =>
  jobs.findOne(
    { 'slurm.cluster_name': query.cluster_name, 'slurm.job_id': query.job_id },
    { projection: PUBLIC_PARTS },
  ),
);

process.stdout.write(`answers at ${await server.listen({ host: '127.0.0.1', port: 0 })}\n`);
