module git.example/app

go 1.22

toolchain go1.22.1

require git.example/parser v1.0.0

require (
	git.example/inner v1.9.0 // indirect
	git.example/old v0.1.0
	git.example/mine v0.2.0
)

replace git.example/old => git.example/new v0.3.0

replace git.example/mine v0.2.0 => ../mine
