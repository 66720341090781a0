-- AlterTable
ALTER TABLE "sign_in_throttle" ALTER COLUMN "failures" SET DATA TYPE DOUBLE PRECISION;
