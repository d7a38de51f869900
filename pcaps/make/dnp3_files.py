"""Files of an opendnp3 outstation (yadnp3): a few in memory, one folder that wants a key."""
import struct

import opendnp3 as o

BLOCK = 256
KEY = 0x1a2b3c4d
MADE = 1700000000000	# ms since 1970


class Files(o.IFileHandler):
    def __init__(self):
        super().__init__()
        self.files = {"/log.txt": bytes(i % 94 + 32 for i in range(1500)),
                      "/config/points.csv": b"index,name,unit\n0,level,cm\n1,flow,l/s\n"}
        self.open, self.next = {}, 1

    def folder(self):
        """Descriptors (g70v7) of what is there, one behind the other."""
        out = b""
        for name, data in sorted(self.files.items()):
            n = name.rsplit("/", 1)[-1].encode()
            out += struct.pack("<HHHI", 20, len(n), 1, len(data)) + MADE.to_bytes(6, "little") + struct.pack("<HH", 0o644, 0) + n
        return out

    def OpenFile(self, filename, authKey, permissions, mode, maxBlockSize, requestId):
        r = o.FileOpenResult()
        if filename.startswith("/config") and authKey != KEY:
            r.status = o.FileStatus.PERMISSION_DENIED
        elif mode != o.FileMode.READ:			# the stack has no call for the blocks: it refuses them itself
            r.fileHandle, r.maxBlockSize, r.status = self.next, min(BLOCK, maxBlockSize), o.FileStatus.SUCCESS
            self.open[self.next] = b""
            self.next += 1
        elif filename != "/" and filename not in self.files:
            r.status = o.FileStatus.FILE_NOT_FOUND
        else:
            data = self.folder() if filename == "/" else self.files[filename]
            r.fileHandle, r.fileSize, r.maxBlockSize, r.status = self.next, len(data), min(BLOCK, maxBlockSize), o.FileStatus.SUCCESS
            self.open[self.next] = data
            self.next += 1
        return r

    def ReadBlock(self, fileHandle, blockNum):
        r = o.FileBlockResult()
        data = self.open.get(fileHandle)
        if data is None:
            r.status = o.FileStatus.NOT_OPENED
            return r
        r.data = list(data[blockNum * BLOCK:(blockNum + 1) * BLOCK])
        r.lastBlock, r.status = (blockNum + 1) * BLOCK >= len(data), o.FileStatus.SUCCESS
        return r

    def CloseFile(self, fileHandle, requestId):
        return o.FileStatus.SUCCESS if self.open.pop(fileHandle, None) is not None else o.FileStatus.NOT_OPENED

    def AbortFile(self, fileHandle):
        self.open.pop(fileHandle, None)

    def DeleteFile(self, filename):
        return o.FileStatus.SUCCESS if self.files.pop(filename, None) is not None else o.FileStatus.FILE_NOT_FOUND

    def AuthenticateFile(self, username, password):
        r = o.OutstationFileAuthResult()
        if (username, password) == ("operator", "secret"):
            r.authKey, r.status = KEY, o.FileStatus.SUCCESS
        return r

    def GetFileInfo(self, filename):
        r = o.FileCommandResult()
        if filename in self.files:
            i = o.FileInfo()
            i.fileName, i.type, i.size, i.timeOfCreation = filename, o.FileType.SIMPLE_FILE, len(self.files[filename]), MADE
            i.permissions = o.FilePermissions.FromRaw(0o644)
            r.info, r.status = i, o.FileStatus.SUCCESS
        else:
            r.status = o.FileStatus.FILE_NOT_FOUND
        return r
