import { QueryParameter } from '#libs/common';

export class ClustersListQuery {
  @QueryParameter({
    list: true,
    description: '"mila" or any other cluster\'s name. Several, comma-separated: any of them.',
  })
  cluster_name?: string[];
}
