-- AlterTable
ALTER TABLE "deployment" ADD COLUMN     "pipeline_attempt" INTEGER,
ADD COLUMN     "pipeline_confidence" DOUBLE PRECISION,
ADD COLUMN     "pipeline_external_id" TEXT,
ADD COLUMN     "pipeline_method" TEXT;

-- AlterTable
ALTER TABLE "deployment_commit" ADD COLUMN     "confidence" DOUBLE PRECISION NOT NULL DEFAULT 1,
ADD COLUMN     "method" TEXT NOT NULL DEFAULT 'sha';

-- CreateIndex
CREATE INDEX "deployment_repository_id_commit_sha_idx" ON "deployment"("repository_id", "commit_sha");

-- CreateIndex
CREATE INDEX "deployment_repository_id_pipeline_external_id_idx" ON "deployment"("repository_id", "pipeline_external_id");
