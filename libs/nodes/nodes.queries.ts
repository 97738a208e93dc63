import { IsDefined } from 'class-validator';
import { QueryParameter } from '#libs/common';
import { AfterParameter, PageLimitParameter, type PageParameters } from '#libs/lists';

export class ClusterQuery {
  @QueryParameter({
    list: true,
    description: '"mila" or any other cluster\'s name. Several, comma-separated: any of them.',
  })
  cluster_name?: string[];
}

export class NodesListQuery extends ClusterQuery implements PageParameters {
  @PageLimitParameter()
  limit?: number;

  @AfterParameter()
  after?: string;
}

export class NodeOneQuery extends ClusterQuery {
  @QueryParameter({
    description: "The node's name as defined on Slurm. It is needed, here or as `node_name`.",
    example: 'cn-a002',
  })
  @IsDefined({ message: "is needed: the node's name as defined on Slurm, such as name=cn-a002" })
  name!: string;

  @QueryParameter({ aliasOf: 'name', description: 'Another name for `name`.' })
  node_name?: string;
}
