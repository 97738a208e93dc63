import { GpuNames } from '#libs/gpu';
import { cwOfNode, type GpuFacts } from './node-gpus.js';

const NAMES = new GpuNames([
  { cw_name: 'a100', name: 'tesla_a100' },
  { cw_name: 'own', name: 'Secret-GPU' },
  { cw_name: 'rtx8000', name: 'rtx8000' },
  { cw_name: 'v100', name: 'v100' },
]);

describe('cwOfNode', () => {
  it.each<[GpuFacts, object]>([
    [{}, {}],
    [{ gres: null, cfg_tres: null, features: null }, {}],
    [{ gres: null, cfg_tres: 'cpu=40,mem=191000M,billing=46', features: 'skylake' }, {}],
    // Features alone give a node no GPU.
    [{ gres: null, cfg_tres: 'cpu=40', features: 'rtx8000' }, {}],
    [{ gres: 'gpu:2' }, { gpu: { cw_name: null, number: 2 } }],
    [{ gres: 'gpu:2', features: 'turing,48gb' }, { gpu: { cw_name: null, number: 2 } }],
    [{ gres: 'gpu:2', features: 'turing,48gb,RTX8000' }, { gpu: { cw_name: 'rtx8000', number: 2 } }],
    [{ gres: 'gpu:2', features: 'secret-gpu' }, { gpu: { cw_name: 'own', number: 2 } }],
    [{ gres: 'gpu:2', features: 'a100-sxm4-40gb,nvlink' }, { gpu: { cw_name: 'a100', number: 2 } }],
    [{ gres: 'gpu:2', features: 'a100,tesla_a100' }, { gpu: { cw_name: 'a100', number: 2 } }],
    [{ gres: 'gpu:2', features: 'a100,v100' }, { gpu: { cw_name: null, number: 2 } }],
    [{ cfg_tres: 'gres/gpu=2', features: ' v100 ' }, { gpu: { cw_name: 'v100', number: 2 } }],
    [
      { gres: 'gpu:2', cfg_tres: 'gres/gpu=2,gres/gpu:a100=2', features: 'v100' },
      { gpu: { cw_name: 'a100', number: 2 } },
    ],
    [{ gres: 'gpu:h900:2', features: 'v100' }, { gpu: { cw_name: 'h900', number: 2 } }],
    [
      { gres: 'gpu:h900:2,gpu:1', features: 'v100' },
      {
        gpu: { cw_name: 'h900', number: 2 },
        gpus: [
          { cw_name: 'h900', number: 2 },
          { cw_name: null, number: 1 },
        ],
      },
    ],
    [{ gres: 'gpu:a100:1,gpu:nvidia_a100-pcie-40gb:2' }, { gpu: { cw_name: 'a100', number: 3 } }],
    [{ gres: 5, cfg_tres: ['gres/gpu=2'], features: { v100: 1 } }, {}],
  ])('%j', (facts, cw) => {
    expect(cwOfNode(facts, NAMES)).toEqual(cw);
  });
});
